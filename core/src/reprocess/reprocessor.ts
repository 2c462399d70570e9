import type { CoreContext } from '../context.ts';
import { errorOf } from '../http/error-response.ts';
import type { BookingOutcome } from '../stock/book-count.ts';
import { promoteNext } from './promote.ts';
import type { ReprocessingRef } from './reprocessing.ts';
import { type Step, step } from './step.ts';
import { sweepPlans } from './sweep-plans.ts';

/** What other cores have done, and hours that begin, are found at the latest after this. */
const LOOK_MS = 1_000;
/** Completions that come closer together are added up together. */
const GATHER_MS = 50;
/** Photos promoted before others have their turn. */
const PROMOTE_PHOTOS = 50;
/** While the database is away. */
const AWAY_MS = 2_000;
const SWEEP_MS = 600_000;

export interface ReprocessorOptions {
  readonly context: Pick<CoreContext, 'db' | 'log' | 'clock' | 'organisationId'>;
  /** Photos came to the queue. */
  readonly onQueued: () => void;
  /** A photo has another current run. */
  readonly onPromoted: (sha256: Buffer, booking: BookingOutcome) => void;
}

/**
 * Drives reprocessings: step by step, each under the lock of its row, so that any number of cores
 * may run this and any of them may end at any moment. What it knows is in the database.
 */
export class Reprocessor {
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<() => void>();
  #wake = Promise.withResolvers<void>();
  #loop: Promise<void> | undefined;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ReprocessorOptions) {}

  start(): void {
    this.#loop ??= this.#runForever();
  }

  /** A run beside the current ones has ended, or a person has said something. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Called after steps that changed something. Answers the unsubscription. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
  }

  async #runForever(): Promise<void> {
    const { clock, log } = this.options.context;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers();
      let pauseMs = LOOK_MS;
      try {
        if (await this.#stepAll()) pauseMs = 0;
        await this.#sweep();
      } catch (error) {
        log.warn({ err: errorOf(error) }, 'reprocessings cannot be driven now');
        await clock.sleep(AWAY_MS, signal).catch(() => {});
      }
      if (pauseMs === 0) continue;
      await Promise.race([this.#wake.promise, clock.sleep(pauseMs, signal).catch(() => {})]);
      await clock.sleep(GATHER_MS, signal).catch(() => {});
    }
  }

  /** A step of each one at work. True: there is more to do at once. */
  async #stepAll(): Promise<boolean> {
    const { context, onQueued } = this.options;
    const { db, organisationId, log } = context;
    const atWork = await db
      .selectFrom('reprocessings')
      .select(['id', 'state'])
      .where('organisation_id', '=', organisationId)
      .where('state', 'in', ['running', 'paused', 'promoting'])
      .orderBy('id')
      .execute();
    const done: (Step | undefined)[] = [];
    for (const { id, state } of atWork) {
      if (this.#stopping.signal.aborted) return false;
      try {
        const ref = { organisationId, id };
        done.push(state === 'promoting' ? await this.#promote(ref) : await this.#step(ref));
      } catch (error) {
        if (errorOf(error).code === 'DATABASE_UNAVAILABLE') throw error;
        log.error({ err: error, reprocessing_id: id }, 'a step of a reprocessing failed');
      }
    }
    if (done.some((one) => one?.queued)) onQueued();
    if (done.some((one) => one?.changed)) for (const listener of this.#listeners) listener();
    return done.some((one) => one?.again);
  }

  async #step(ref: ReprocessingRef): Promise<Step | undefined> {
    const { db, clock } = this.options.context;
    return await step(db, ref, new Date(clock.now()));
  }

  async #promote(ref: ReprocessingRef): Promise<Step> {
    const { context, onPromoted } = this.options;
    for (let photos = 0; photos < PROMOTE_PHOTOS; photos++) {
      if (this.#stopping.signal.aborted) break;
      const promoted = await promoteNext(context.db, ref, context.log);
      if (promoted.kind === 'busy') return { queued: false, changed: false, again: false };
      if (promoted.kind === 'finished') return { queued: false, changed: true, again: false };
      if (promoted.booking) onPromoted(promoted.sha256, promoted.booking);
    }
    return { queued: false, changed: true, again: true };
  }

  async #sweep(): Promise<void> {
    const { db, clock } = this.options.context;
    if (clock.monotonic() - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = clock.monotonic();
    await sweepPlans(db, new Date(clock.now()));
  }
}
