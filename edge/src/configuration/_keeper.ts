import { rm } from 'node:fs/promises';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import type { JSONWebKeySet } from 'jose';
import { silent, withFolder } from '../_testing.ts';
import type { Disk } from '../buffer/disk.ts';
import { realDisk } from '../buffer/real-disk.ts';
import { VirtualClock } from '../forward/_virtual-clock.ts';
import { IDENTITY, type SigningCentre, startSigningCentre } from './_signing-centre.ts';
import { ConfigurationFolder } from './folder.ts';
import { ConfigurationKeeper } from './keeper.ts';
import type { ManifestRefused } from './manifest.ts';
import { ModelKeeper, type ModelKeeperOptions } from './model-keeper.ts';
import { ModelFiles } from './models.ts';
import { TRIAL_MS } from './trial.ts';

const never = new AbortController().signal;

/** A box's keeper of configurations, as one life of its process has it. */
export async function startKeeper(
  centre: SigningCentre,
  dataFolder: string,
  disk: Disk = realDisk,
) {
  const clock = new VirtualClock(Date.parse('2026-06-01'));
  const box = {
    clock,
    identity: IDENTITY,
    inForce: undefined as EdgeConfiguration | null | undefined,
    judgeWorks: true,
    inContact: true,
    rolledBack: [] as string[],
    refused: [] as string[],
    /** Null: nothing counts beside the box. */
    tryModel: null as ModelKeeperOptions['tryModel'],
  };
  const credential = {
    identity: () => box.identity,
    anchor: () => null,
    token: async () => 'token',
    refused: () => false,
  };
  const files = new ModelFiles({
    dataFolder,
    disk,
    clock,
    core: centre.core,
    removeFolder: (path) => rm(path, { recursive: true, force: true }),
  });
  const onRefused = ({ kind }: ManifestRefused) => box.refused.push(kind);
  const models = new ModelKeeper({
    files,
    tryModel: async (model, signal) => await box.tryModel?.(model, signal),
    clock,
    random: () => 0.5,
    log: silent,
    onRefused,
  });
  const keeper = new ConfigurationKeeper({
    core: centre.core,
    centreKeys: { read: async () => centre.keySet as JSONWebKeySet },
    credential,
    folder: new ConfigurationFolder(dataFolder, disk),
    models,
    clock,
    centreNow: () => clock.now(),
    random: () => 0.5,
    log: silent,
    use: (configuration) => {
      box.inForce = configuration;
    },
    judgeWorks: () => box.judgeWorks,
    inContact: () => box.inContact,
    onRolledBack: (reason) => box.rolledBack.push(reason),
    onRefused,
    onStep: () => {},
  });
  await keeper.load();
  const passTrial = async () => {
    await clock.pass(TRIAL_MS);
    await keeper.look();
  };
  /** Brings the models on by one try, and judges. */
  const bring = async () => {
    await models.bring(never);
    await keeper.look();
  };
  return Object.assign(box, { keeper, models, bring, passTrial, pull: () => keeper.pull(never) });
}

export type Box = Awaited<ReturnType<typeof startKeeper>>;

export const withBox = (
  use: (given: {
    centre: SigningCentre;
    box: Box;
    folder: string;
    restart: () => Promise<Box>;
  }) => Promise<void>,
) =>
  withFolder(async (folder) => {
    const centre = await startSigningCentre();
    const restart = () => startKeeper(centre, folder);
    await use({ centre, folder, restart, box: await restart() });
  });
