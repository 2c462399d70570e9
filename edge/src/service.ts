import { type Clock, systemClock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import type { Server } from 'bun';
import { Alarms } from './alarms.ts';
import { type Disk, realDisk } from './buffer/disk.ts';
import { Intake } from './buffer/intake.ts';
import { Janitor } from './buffer/janitor.ts';
import type { Journal } from './buffer/journal.ts';
import { KeyedLock } from './buffer/keyed-lock.ts';
import { LocalStore } from './buffer/local-store.ts';
import { type Buffer, openBuffer } from './buffer/open-buffer.ts';
import { Quota } from './buffer/quota.ts';
import type { OnStep } from './buffer/spool.ts';
import { fullness } from './buffer/when-full.ts';
import type { EdgeConfig } from './config.ts';
import { Events } from './events.ts';
import { CoreClient } from './forward/core-client.ts';
import { Forwarder } from './forward/forwarder.ts';
import { Receipts } from './forward/receipts.ts';
import { createApp } from './http/app.ts';
import type { Condition } from './http/health.ts';
import type { Pace } from './http/incoming.ts';
import { Judge } from './judge/judge.ts';
import { JudgeProcess } from './judge/judge-process.ts';
import { Upkeep } from './upkeep.ts';
import { WatchedFolder } from './watch/watched-folder.ts';

/** What tests replace. */
export interface EdgeOverrides {
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly onStep?: OnStep;
  readonly judgeProcess?: JudgeProcess;
  readonly pace?: Pace;
}

export interface Edge {
  /** "host:port" where cameras are answered. */
  readonly address: string;
  readonly journal: Journal;
  /** Stops taking photos, ends what is under way, closes the journal, frees the data folder. */
  stop(): Promise<void>;
}

/** Longest silence of a client before its connection ends. */
const IDLE_TIMEOUT_S = 60;
/** A slow upload that is under way when the edge stops is cut after this. */
const UPLOADS_DRAIN_MS = 10_000;
/** Before work that failed as a whole begins again. */
const LOOP_PAUSE_MS = 1_000;
const HOUR_MS = 3_600_000;

/** What every part below is made from. */
interface Base extends Buffer {
  readonly config: EdgeConfig;
  readonly log: Logger;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly onStep: OnStep;
  readonly judgeProcess: JudgeProcess;
  readonly pace: Pace | undefined;
  readonly events: Events;
  readonly alarms: Alarms;
  readonly localStore: LocalStore | null;
}

type Parts = ReturnType<typeof createParts>;

/**
 * The composition root: takes the data folder, then answers cameras, judges, buffers, forwards and
 * watches. Throws DATA_FOLDER_IN_USE.
 */
export async function startEdge(
  config: EdgeConfig,
  log: Logger,
  overrides: EdgeOverrides = {},
): Promise<Edge> {
  const { disk = realDisk, clock = systemClock, onStep = () => {} } = overrides;
  const { dataFolder: folder, limits } = config;
  const buffer = await openBuffer({ folder, limits, disk, log, onStep });
  const { journal, lock, recovered } = buffer;
  const events = new Events();
  events.observe(journal, config.values.DEMETER_EDGE_BYTES_MAX);
  const alarms = new Alarms(log, events);
  if (recovered.rebuilt) alarms.raise('journal_rebuilt', null);
  if (recovered.broken > 0) alarms.raise('bytes_changed', null);
  if (recovered.lost > 0) alarms.raise('photos_lost', null);
  const localStore = createLocalStore(config, buffer, log);
  const judgeProcess = overrides.judgeProcess ?? new JudgeProcess();
  const base = {
    ...buffer,
    config,
    log,
    disk,
    clock,
    onStep,
    judgeProcess,
    pace: overrides.pace,
    events,
    alarms,
    localStore,
  };
  const parts = createParts(base);
  const stopping = new AbortController();
  const app = listen(base, parts, stopping.signal);
  const work = new AbortController();
  const loops = startLoops(base, parts, work.signal);
  return {
    address: addressOf(config.values.DEMETER_EDGE_HOST, app.server?.port ?? 0),
    journal,
    stop: async () => {
      stopping.abort();
      await drain(app.server);
      work.abort(new Error('stopping'));
      await Promise.allSettled(loops);
      journal.close();
      lock.release();
    },
  };
}

function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function createParts(base: Base) {
  const { config, journal, spool, events, alarms, log, clock, disk, localStore } = base;
  const quotaBytes = config.values.DEMETER_EDGE_BYTES_MAX;
  const locks = new KeyedLock();
  const forwarder = createForwarder(base);
  const judge = new Judge({
    journal,
    process: base.judgeProcess,
    cameras: [...config.cameras, ...config.watches.map(({ camera }) => camera)],
    log,
    pathOf: (sha256) => spool.pathOf(sha256),
    onJudged: (verdict) => {
      events.verdicts.inc({ result: verdict?.result ?? 'none' });
      forwarder?.wake();
    },
  });
  const intake = new Intake({
    spool,
    journal,
    quota: new Quota(config.dataFolder, disk, quotaBytes, () => journal.heldBytes()),
    clock,
    locks,
    onStep: base.onStep,
    onAlarm: (kind, error) => alarms.raise(kind, error),
    onAccepted: (accepted, camera) => {
      const { sha256, isNew } = accepted;
      events.accepted.inc({ camera: camera.code, new: String(isNew) });
      log.info({ sha256, camera: camera.code, new: isNew }, 'accepted');
      judge.wake();
      forwarder?.wake();
    },
  });
  const janitor = new Janitor({
    spool,
    journal,
    localStore,
    locks,
    clock,
    log,
    quotaBytes,
    keepMs: config.values.DEMETER_EDGE_KEEP_HOURS * HOUR_MS,
    onEvicted: () => events.evicted.inc(),
  });
  return { forwarder, judge, intake, upkeep: new Upkeep(janitor, localStore, log) };
}

function createForwarder(base: Base): Forwarder | null {
  const { config, journal, spool, localStore, clock, log, events, alarms } = base;
  if (!config.core) return null;
  return new Forwarder({
    journal,
    spool,
    localStore,
    clock,
    log,
    core: new CoreClient(config.core),
    receipts: new Receipts(config.core),
    concurrency: config.values.DEMETER_EDGE_FORWARD_CONCURRENCY,
    onReceipt: () => events.receipts.inc(),
    onFailure: (kind) => events.forwardErrors.inc({ kind }),
    onAlarm: (kind, error) => alarms.raise(kind, error),
  });
}

function listen(base: Base, parts: Parts, stopping: AbortSignal) {
  const { config, journal, events, log } = base;
  const { values } = config;
  const app = createApp({
    photos: {
      cameras: config.cameras,
      intake: parts.intake,
      journal,
      bytesMax: config.limits.bytesMax,
      stopping,
      pace: base.pace,
    },
    condition: conditionOf(base, parts, stopping),
    events,
    log,
    metrics: {
      enabled: values.ENABLE_METRICS,
      everywhere: values.DEMETER_EDGE_METRICS === 'everywhere',
    },
  });
  const { DEMETER_EDGE_HOST: hostname, DEMETER_EDGE_PORT: port } = values;
  try {
    return app.listen({
      hostname,
      port,
      idleTimeout: IDLE_TIMEOUT_S,
      // Bodies are counted while they stream, and refused with a problem document.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    });
  } catch (cause) {
    throw new AppError('INVALID_SETTING', `${hostname}:${port} cannot be bound.`, {
      field: 'DEMETER_EDGE_PORT',
      hint: 'Another process listens there, or the address is not of this machine.',
      cause,
    });
  }
}

function conditionOf(base: Base, parts: Parts, stopping: AbortSignal): Condition {
  const { journal, config, localStore, alarms } = base;
  const { forwarder, upkeep, judge } = parts;
  const quotaBytes = config.values.DEMETER_EDGE_BYTES_MAX;
  return {
    journal,
    quotaBytes,
    fullness: () => fullness(journal.heldBytes(), quotaBytes),
    core: () => (forwarder ? (forwarder.troubleWith('core') ?? 'connected') : 'not configured'),
    objectStore: () => (localStore ? (upkeep.storeTrouble ?? 'connected') : 'spool'),
    judge: () => (judge.available ? 'running' : 'failed'),
    alarms: () => alarms.raised,
    accepting: () => !stopping.aborted,
  };
}

function startLoops(base: Base, parts: Parts, signal: AbortSignal): Promise<void>[] {
  const { config, log, events } = base;
  const watchers = config.watches.map(
    (watch) =>
      new WatchedFolder({
        ...watch,
        intake: parts.intake,
        log,
        onRefused: (code) => events.refused.inc({ code }),
      }),
  );
  const loops = [parts.judge, parts.upkeep, parts.forwarder, ...watchers];
  return loops.map(async (loop) => {
    while (loop && !signal.aborted) {
      try {
        await loop.run(signal);
      } catch (error) {
        // A full or failing disk under the journal; photos wait, and the process lives to take more.
        log.error({ err: error }, 'work stopped and begins again');
        await base.clock.sleep(LOOP_PAUSE_MS, signal).catch(() => {});
      }
    }
  });
}

/** Ends what is being answered; connections that clients merely keep open are cut. */
async function drain(server: Server<unknown> | null): Promise<void> {
  if (!server) return;
  void server.stop(false);
  const end = performance.now() + UPLOADS_DRAIN_MS;
  while (server.pendingRequests > 0 && performance.now() < end) await Bun.sleep(20);
  await server.stop(true);
}

function createLocalStore(
  config: EdgeConfig,
  { spool, journal }: Buffer,
  log: Logger,
): LocalStore | null {
  if (!config.store) return null;
  const store = new S3ObjectStore({ ...config.store, timeoutMs: 10_000, attemptsMax: 2 });
  return new LocalStore(store, spool, journal, log);
}
