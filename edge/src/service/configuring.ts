import { rm } from 'node:fs/promises';
import { ConfigurationFolder } from '../configuration/folder.ts';
import { ConfigurationKeeper } from '../configuration/keeper.ts';
import type { ManifestRefused } from '../configuration/manifest.ts';
import { ModelKeeper } from '../configuration/model-keeper.ts';
import { ModelFiles } from '../configuration/models.ts';
import type { MeshCounting } from '../count/mesh-counting.ts';
import type { Base } from './base.ts';
import type { Forwarding } from './forwarding.ts';

/** Two loops: models do not hold the configuration up. */
export interface Configuring {
  readonly keeper: ConfigurationKeeper;
  readonly models: ModelKeeper;
}

interface Needs {
  readonly forwarding: Forwarding | null;
  readonly counting: MeshCounting | null;
  readonly judgeWorks: () => boolean;
}

/**
 * Pulling what the centre sets; null where none is configured. Before anything works: what was in
 * force when the box ended is in force again.
 */
export async function createConfiguring(
  base: Base,
  { forwarding, counting, judgeWorks }: Needs,
): Promise<Configuring | null> {
  const { config, credential, disk, clock, random, log, alarms, tuning, onStep } = base;
  if (!forwarding || !credential) return null;
  const { core, forwarder, time, centreKeys } = forwarding;
  const { dataFolder } = config;
  const onRefused = (refusal: ManifestRefused) => alarms.raise('configuration_refused', refusal);
  const files = new ModelFiles({
    dataFolder,
    disk,
    clock,
    core,
    removeFolder: (path) => rm(path, { recursive: true, force: true }),
  });
  const tryModel = counting?.tryModel.bind(counting) ?? null;
  const models = new ModelKeeper({ files, tryModel, clock, random, log, onRefused });
  const keeper = new ConfigurationKeeper({
    core,
    centreKeys,
    credential,
    folder: new ConfigurationFolder(dataFolder, disk),
    models,
    clock,
    centreNow: () => time.now(),
    random,
    log,
    use: (configuration) => tuning.setCentre(configuration),
    judgeWorks,
    inContact: () => forwarder.troubleWith('core') === null,
    onRolledBack: (reason) => alarms.raise('configuration_rolled_back', new Error(reason)),
    onRefused,
    onStep,
  });
  await keeper.load();
  return { keeper, models };
}
