import type { Logger } from '@demeter/common/logger';
import { toDiskError } from './buffer/disk.ts';
import type { Journal } from './buffer/journal.ts';
import { KeyedLock } from './buffer/keyed-lock.ts';
import type { EdgeConfig } from './config.ts';
import type { Verdict } from './judge/verdict.ts';
import type { Report } from './reconcile/reconciler.ts';
import { type EdgeOverrides, openBase } from './service/base.ts';
import { createIntake, createLocalStore, createScrub, createUpkeep } from './service/buffering.ts';
import { conditionOf } from './service/condition.ts';
import { createConfiguring } from './service/configuring.ts';
import { createCounter, createCounting } from './service/counting.ts';
import { createControlLane, createForwarding } from './service/forwarding.ts';
import { createJudge } from './service/judging.ts';
import { listen } from './service/listening.ts';
import { startLoops } from './service/loops.ts';
import { createPage, startAnnouncement } from './service/page.ts';
import { createCentrePlaces } from './service/placing.ts';
import { createReconciler } from './service/reconciling.ts';
import { createSnapshotCameras } from './service/snapshotting.ts';
import { createStandIns } from './service/standing-in.ts';
import { createWatchers } from './service/watching.ts';

export type { EdgeOverrides } from './service/base.ts';

export interface Edge {
  /** "host:port" where cameras are answered. */
  readonly address: string;
  /** Addresses of the page, the best first. */
  readonly urls: readonly string[];
  readonly journal: Journal;
  /** Compares with the centre now; null where none is configured. Throws what the core throws. */
  reconcile(signal: AbortSignal): Promise<Report | null>;
  /** Stops taking photos, ends what is under way, closes the journal, frees the data folder. */
  stop(): Promise<void>;
}

/**
 * The composition root: takes the data folder, then answers cameras, judges, buffers, forwards and
 * watches. Each concern is wired in a file of its own in service/. Throws DATA_FOLDER_IN_USE,
 * STORAGE_FULL, STORAGE_FAILED, TOO_MANY_OPEN_FILES.
 */
export async function startEdge(
  config: EdgeConfig,
  log: Logger,
  overrides: EdgeOverrides = {},
): Promise<Edge> {
  // Of whatever part: several keep files of their own beside the photos.
  return await start(config, log, overrides).catch((error: unknown) => {
    throw toDiskError(error);
  });
}

async function start(config: EdgeConfig, log: Logger, overrides: EdgeOverrides): Promise<Edge> {
  const base = await openBase(config, log, overrides);
  const { journal, lock } = base;
  // Ended in the opposite order: by `stop`, and at once where a later part fails to start.
  await using parts = new AsyncDisposableStack();
  parts.defer(() => lock.release());
  parts.defer(() => journal.close());
  const stopping = new AbortController();
  const work = new AbortController();
  let loops: Promise<void>[] = [];
  parts.defer(async () => {
    await Promise.allSettled(loops);
  });
  const locks = new KeyedLock();

  const localStore = createLocalStore(base);
  const forwarding = createForwarding(base, localStore);
  const forwarder = forwarding?.forwarder ?? null;
  const counting = createCounting(base, () => configuring?.keeper.models ?? {});
  const counter = createCounter(base, forwarding, counting);
  const centreNow = () => forwarding?.time.now() ?? base.clock.now();
  const onJudged = (sha256: string, verdict: Verdict | null) => {
    forwarder?.wake();
    if (verdict?.result !== 'undecodable') counter?.offer(sha256);
  };
  const judge = createJudge(base, onJudged, () => intake.camerasFirst, centreNow);
  const judgeWorks = () => judge.available;
  const configuring = await createConfiguring(base, { forwarding, counting, judgeWorks });
  const keeper = configuring?.keeper ?? null;
  const intake = createIntake(base, locks, () => {
    // After the camera has its answer: what follows takes its time from nobody.
    setImmediate(() => {
      judge.wake();
      forwarder?.wake();
    });
  });
  const keptNow = () => (forwarding ? forwarding.time.earliest() : base.clock.now());
  const upkeep = createUpkeep(base, locks, localStore, keptNow);
  const scrub = createScrub(base, locks, localStore);
  const reconciler = createReconciler(
    base,
    locks,
    localStore,
    () => forwarder?.wake(),
    (sha256) => upkeep.isSettled(sha256),
  );
  const watchers = createWatchers(base, intake, keptNow);
  const snapshots = createSnapshotCameras(base, intake);
  const told = {
    localStore,
    forwarding,
    upkeep,
    judge,
    counter,
    watchers,
    snapshots,
    stopping: stopping.signal,
  };
  const condition = conditionOf(base, told);
  const wake = () => forwarder?.wake();
  const centrePlaces = await createCentrePlaces(base, forwarding);
  const page = createPage(base, {
    ...{ intake, condition, centrePlaces, wake },
    stopping: stopping.signal,
  });
  parts.defer(page.stop);
  parts.defer(() => work.abort(new Error('stopping')));
  const answering = { intake, condition, page: page.options, stopping: stopping.signal };
  const listening = listen(base, answering);
  parts.defer(listening.drain);
  const standIns = createStandIns(base, page.options.eye, wake);
  const announcement = startAnnouncement(base, listening.port);
  parts.defer(async () => await announcement?.stop());
  parts.defer(() => stopping.abort());

  const controlLane = createControlLane(base, forwarding, { upkeep, judge, keeper });
  loops = startLoops(
    base,
    [
      judge,
      upkeep,
      scrub,
      forwarder,
      controlLane,
      reconciler,
      keeper,
      configuring?.models ?? null,
      centrePlaces,
      counter,
      standIns,
      page.sweeper,
      ...watchers,
      ...snapshots,
    ],
    work.signal,
  );
  const started = parts.move();
  return {
    address: listening.address,
    urls: listening.urls,
    journal,
    reconcile: async (signal) => (await reconciler?.reconcile(signal)) ?? null,
    stop: () => started.disposeAsync(),
  };
}
