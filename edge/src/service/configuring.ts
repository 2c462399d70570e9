import { rm } from 'node:fs/promises';
import { ConfigurationFolder } from '../configuration/folder.ts';
import { ConfigurationKeeper } from '../configuration/keeper.ts';
import { ModelFiles } from '../configuration/models.ts';
import type { Base } from './base.ts';
import type { Forwarding } from './forwarding.ts';

/**
 * Pulling what the centre sets; null where none is configured. Before anything works: what was in
 * force when the box ended is in force again.
 */
export async function createConfigurationKeeper(
  base: Base,
  forwarding: Forwarding | null,
  judgeWorks: () => boolean,
): Promise<ConfigurationKeeper | null> {
  const { config, credential, disk, clock, random, log, alarms, tuning, onStep } = base;
  if (!forwarding || !credential) return null;
  const { core, forwarder, time, centreKeys } = forwarding;
  const { dataFolder } = config;
  const keeper = new ConfigurationKeeper({
    core,
    centreKeys,
    credential,
    folder: new ConfigurationFolder(dataFolder, disk),
    models: new ModelFiles({
      dataFolder,
      disk,
      clock,
      core,
      removeFolder: (path) => rm(path, { recursive: true, force: true }),
    }),
    clock,
    centreNow: () => time.now(),
    random,
    log,
    use: (configuration) => tuning.setCentre(configuration),
    judgeWorks,
    inContact: () => forwarder.troubleWith('core') === null,
    onRolledBack: (reason) => alarms.raise('configuration_rolled_back', new Error(reason)),
    onRefused: (refusal) => alarms.raise('configuration_refused', refusal),
    onStep,
  });
  await keeper.load();
  return keeper;
}
