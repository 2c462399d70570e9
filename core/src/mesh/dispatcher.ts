import { systemClock } from '@demeter/common/clock';
import { type AppError, toAppError } from '@demeter/common/errors';
import { type Logger, withLogContext } from '@demeter/common/logger';
import { currentTraceparent, withSpan } from '@demeter/common/telemetry';
import type { Database } from '../db/database.ts';
import { errorOf } from '../http/error-response.ts';
import { modelsOf, toPipelineMessage } from '../pipelines/pipeline.ts';
import { LANE_LIVE } from '../queue/lanes.ts';
import {
  handBack,
  type LeasedRun,
  leaseRuns,
  readWaitingSites,
  releaseOrphans,
} from '../queue/lease.ts';
import { FIRST_TURN, type Turn, takeTurns, type WaitingSite } from '../queue/turns.ts';
import type { Endpoint, Outcome } from './endpoint.ts';
import type { ModelLoader } from './loader.ts';
import type { Mesh } from './mesh.ts';
import { type PlacementNeed, placeAlone, type ServerView } from './placement.ts';
import { CoreRoll, type Registry } from './registry.ts';
import type { Sender } from './sender.ts';

/** Work of other replicas and lapsed leases are found at the latest after this. */
const POLL_MS = 1_000;
/** While the database or the object store is away. */
const AWAY_MS = 2_000;
/** A run whose models no server holds is looked at again after this. */
const NO_MODEL_MS = 5_000;
/** A run whose models a server is loading is looked at again after this. */
const LOADING_MS = 500;
/** A run that found no free server: credits may be those of servers without its models. */
const BUSY_MS = 100;
const BEAT_MS = 1_500;
/** Photos under way that are waited for when the core stops; the rest is handed back. */
const DRAIN_MS = 20_000;
/** After this long without its trace going on, the trace is linked, not continued. */
const TRACE_STALE_MS = 3_600_000;

/** What is done with a photo around its stay at a server; implemented by runs/. */
export interface RunHandler {
  /** The original's bytes. Throws OBJECT_STORE_UNAVAILABLE, NOT_FOUND, CHECKSUM_MISMATCH. */
  readPhoto(run: LeasedRun): Promise<Uint8Array>;
  /** Called with every end but a hand-back; `bytes` are still at hand. */
  finish(run: LeasedRun, outcome: Exclude<Outcome, { kind: 'handed_back' }>): Promise<void>;
  /** Starts what can be done while the server works. */
  accompany(run: LeasedRun, bytes: Uint8Array): void;
  /** The original is missing or is not what it was. */
  unreadable(run: LeasedRun, error: AppError): Promise<void>;
  /** No server holds the run's models: it may be given the active pipeline. True: it was. */
  retarget(run: LeasedRun): Promise<boolean>;
}

/** Photos that wait in memory, because a client holds them; implemented by reprocess/. */
export interface HeldWork {
  /**
   * Sites with photos for which a server is free now. Asked at every turn, free servers or none, so
   * that what nobody can count does not wait for ever.
   */
  waiting(): readonly WaitingSite[];
  /** Sends as many at once; true: the turn is of a site of its own, not of the queue. */
  take(turn: Turn): boolean;
}

export interface DispatcherOptions {
  readonly coreId: string;
  readonly db: Database;
  readonly log: Logger;
  readonly mesh: Mesh;
  readonly registry: Registry;
  readonly sender: Sender;
  readonly loader: ModelLoader;
  readonly held: HeldWork;
  readonly handler: RunHandler;
  readonly leaseMs: number;
  readonly photoDeadlineMs: number;
}

/**
 * Moves runs from the queue to servers: leases as many as there are credits, so that a photo
 * waits in the database, where any core finds it, and not in the memory of this one.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #underWay = new Map<string, { readonly run: LeasedRun; readonly done: Promise<void> }>();
  readonly #stopping = new AbortController();
  #turns = FIRST_TURN;
  /** Leased, but not yet sent: they have a credit spoken for. */
  #preparing = 0;
  #wake = Promise.withResolvers<void>();
  #loops: Promise<unknown> | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    options.mesh.onChange(() => this.wake());
  }

  start(): void {
    this.#loops ??= Promise.all([this.#dispatchForever(), this.#beatForever()]);
  }

  /** There may be something to do now. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Leases nothing more, waits for what is under way, hands back the rest. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loops;
    const all = Promise.all([...this.#underWay.values()].map((work) => work.done));
    await Promise.race([all, Bun.sleep(DRAIN_MS)]);
    const rest = [...this.#underWay.values()].map((work) => work.run);
    await handBack(this.#options.db, rest, 0).catch(() => {});
    await this.#options.registry.leave(this.#options.coreId);
  }

  async #dispatchForever(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = Promise.withResolvers();
      let pauseMs = POLL_MS;
      try {
        await this.#dispatch();
      } catch (error) {
        pauseMs = AWAY_MS;
        this.#options.log.warn({ err: errorOf(error) }, 'the queue cannot be read now');
        await Bun.sleep(AWAY_MS);
      }
      await Promise.race([this.#wake.promise, Bun.sleep(pauseMs)]);
    }
  }

  async #dispatch(): Promise<void> {
    const { db, coreId, leaseMs, held } = this.#options;
    const wanted = this.#freeCredits().all;
    if (wanted === 0) return void held.waiting();
    const queued = await readWaitingSites(db, wanted);
    // Looked at again: what a client holds is sent in this very tick.
    const { all, bulk } = this.#freeCredits();
    const { turns, state } = takeTurns([...queued, ...held.waiting()], all, this.#turns, bulk);
    this.#turns = state;
    const ofQueue = turns.filter((turn) => !held.take(turn));
    for (const run of await leaseRuns(db, { coreId, leaseMs, turns: ofQueue })) {
      this.#preparing++;
      const done = this.#make(run).finally(() => this.#underWay.delete(run.run_id));
      this.#underWay.set(run.run_id, { run, done });
    }
  }

  /** Bulk work leaves each server's last credit to a live photo, where it has more than two. */
  #freeCredits(): { readonly all: number; readonly bulk: number } {
    const open = this.#options.mesh
      .connected()
      .map((endpoint) => endpoint.view())
      .filter((view) => view.ready && view.admits && !view.reserved);
    const credits = open.reduce((sum, view) => sum + view.credits, 0);
    const isKept = (view: ServerView) => view.credits > 0 && view.credits + view.inFlight > 2;
    const kept = open.filter(isKept).length;
    return {
      all: Math.max(0, credits - this.#preparing),
      bulk: Math.max(0, credits - kept - this.#preparing),
    };
  }

  /** One run from lease to end; never rejects. */
  async #make(run: LeasedRun): Promise<void> {
    let prepared = false;
    const sent = () => {
      if (!prepared) this.#preparing--;
      prepared = true;
    };
    const age = Date.now() - run.enqueued_at.getTime();
    const trace =
      age < TRACE_STALE_MS
        ? { traceparent: run.traceparent }
        : { linkedTraceparent: run.traceparent };
    const attributes = { 'demeter.run_id': run.run_id };
    await withLogContext({ correlation_id: run.correlation_id }, async () => {
      try {
        await withSpan('count photo', { ...trace, attributes }, () => this.#send(run, sent));
      } catch (error) {
        // The lease lapses, or is given back here if the database answers: nothing is lost.
        this.#options.log.error({ err: error, run_id: run.run_id }, 'run not finished');
        await handBack(this.#options.db, [run], AWAY_MS).catch(() => {});
      } finally {
        sent();
        this.wake();
      }
    });
  }

  async #send(run: LeasedRun, sent: () => void): Promise<void> {
    const { db, handler, log, sender, photoDeadlineMs, leaseMs } = this.#options;
    let bytes: Uint8Array;
    try {
      bytes = await handler.readPhoto(run);
    } catch (error) {
      const shown = toAppError(error);
      if (shown.code === 'NOT_FOUND' || shown.code === 'CHECKSUM_MISMATCH') {
        return await handler.unreadable(run, shown);
      }
      log.warn({ err: error }, 'the photo cannot be read now');
      return await handBack(db, [run], AWAY_MS, { unbegun: true });
    }
    const endpoint = await this.#place(run);
    if (!endpoint) return;
    handler.accompany(run, bytes);
    const answer = sender.send(endpoint, {
      photo: {
        work_id: run.lease_id,
        sha256: run.sha256,
        content: bytes,
        media_type: run.media_type,
        pipeline: toPipelineMessage(run.pipeline),
        lane: run.lane,
        traceparent: currentTraceparent() ?? run.traceparent ?? '',
        correlation_id: run.correlation_id,
      },
      need: needOf(run),
      pipelineDigest: run.pipeline_digest.toString('hex'),
      site: run.site,
      // An answer after the lease's end counts for nothing, so the server need not work on.
      deadlineMs: Math.min(photoDeadlineMs, leaseMs),
      // Bulk work can wait; a run that failed before goes alone.
      hedge: run.lane === LANE_LIVE && run.attempts === 0,
    });
    sent();
    const outcome = await answer;
    endpoint.release(run.run_id);
    const interrupted = outcome.kind === 'lost' && this.#stopping.signal.aborted;
    if (outcome.kind === 'handed_back' || interrupted) {
      return await handBack(db, [run], 0, { unbegun: !interrupted });
    }
    await handler.finish(run, outcome);
  }

  /** The server for a run; undefined: there is none, and the run was handed back. */
  async #place(run: LeasedRun): Promise<Endpoint | undefined> {
    const { db, mesh, handler, sender, loader } = this.#options;
    const need = needOf(run);
    const views = () => mesh.connected().map((endpoint) => endpoint.view());
    const placement = run.attempts > 0 ? placeAlone(need, views()) : sender.place(need, run.site);
    if (placement.kind === 'server') {
      const endpoint = mesh.connected().find((one) => one.serverId === placement.serverId);
      if (endpoint && (run.attempts === 0 || (await this.#alone(run, endpoint)))) return endpoint;
    }
    // Models that no server holds are late by their own fault, not for want of a free one.
    await handBack(db, [run], await delayMs(), { unbegun: placement.kind !== 'no_model' });
    return undefined;

    async function delayMs(): Promise<number> {
      // A server that is free could help, if it has the models and room for them.
      if (placement.kind === 'busy') loader.want(need, { evict: false });
      if (placement.kind !== 'no_model') return BUSY_MS;
      if (loader.want(need, { evict: true })) return LOADING_MS;
      return (await handler.retarget(run)) ? 0 : NO_MODEL_MS;
    }
  }

  /**
   * A run that failed before goes alone: if its server is lost again it was the cause, and photos
   * that merely stood beside it are not blamed. False: it did not become free in time.
   */
  async #alone(run: LeasedRun, endpoint: Endpoint): Promise<boolean> {
    endpoint.reserve(run.run_id);
    const until = performance.now() + this.#options.photoDeadlineMs / 2;
    while (performance.now() < until && endpoint.connected && !this.#stopping.signal.aborted) {
      const { inFlight, credits } = endpoint.view();
      if (inFlight === 0 && credits > 0) return true;
      await Bun.sleep(20);
    }
    endpoint.release(run.run_id);
    return false;
  }

  async #beatForever(): Promise<void> {
    const { registry, coreId, db, log } = this.#options;
    const roll = new CoreRoll();
    while (!this.#stopping.signal.aborted) {
      await registry.beat(coreId);
      const living = roll.call(await registry.cores(coreId), registry.shared);
      try {
        const released = living === null ? 0 : await releaseOrphans(db, living);
        if (released > 0) {
          log.info({ released }, 'leases of cores that are gone were given back');
          this.wake();
        }
      } catch (error) {
        log.debug({ err: error }, 'orphaned leases cannot be looked for now');
      }
      await systemClock.sleep(BEAT_MS, this.#stopping.signal).catch(() => {});
    }
  }
}

function needOf(run: LeasedRun): PlacementNeed {
  return { models: modelsOf(run.pipeline), failedOn: run.failed_on };
}
