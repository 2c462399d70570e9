import { withLogContext } from '@demeter/common/logger';
import { withSpan } from '@demeter/common/telemetry';
import type { PhotoRow } from '../buffer/journal.ts';
import { Nudge } from '../nudge.ts';
import { makeReady, nextToSend, wakeAll } from './backlog.ts';
import { Breaker } from './breaker.ts';
import { Busy } from './busy.ts';
import { type Breakers, Delivery, type DeliveryOptions } from './delivery.ts';
import { type Destination, DestinationFailure } from './failures.ts';
import { Passage } from './gate.ts';
import type { Closed } from './link.ts';
import { Outcome, type OutcomeOptions, PARKED_MS } from './outcome.ts';

const IDLE_MS = 500;
/** With nothing to send, the core is asked this often whether it is there, for the health report. */
const PING_MS = 30_000;

export interface ForwarderOptions extends DeliveryOptions, Omit<OutcomeOptions, 'random'> {
  /** Most photos at the same time. */
  readonly concurrency: number;
  readonly random?: () => number;
}

/** What stands between this box and a destination. */
export interface Trouble {
  readonly destination: Destination;
  readonly code: string;
  readonly sentence: string;
}

/**
 * Sends photos to the centre and keeps its receipts.
 *
 *   RECEIVING ─► SPOOLED ─► JUDGED ─► QUEUED ─► UPLOADING ─► STORED ─► VERIFIED ─► EVICTED
 *    (tmp/)      journal    verdict   waiting    granted      bytes     receipt     bytes gone
 *                                        ▲          │        at the      in the      from here
 *                                        └──────────┴─ ─ ─ ─ centre ─ ┐  journal
 *                                          failed, or not there after all
 *
 * QUARANTINED stands beside: such a photo takes the same way with its reason. This class moves
 * JUDGED … VERIFIED; only a receipt that verifies leads to VERIFIED, whatever else was answered.
 * A start finds UPLOADING photos as QUEUED (recovery.ts) and goes on with STORED ones.
 */
export class Forwarder {
  readonly #breakers: Breakers;
  readonly #delivery: Delivery;
  readonly #outcome: Outcome;
  readonly #busy: Busy;
  readonly #underWay = new Map<string, { readonly bytes: number; readonly done: Promise<void> }>();
  readonly #nudge: Nudge;
  readonly #random: () => number;
  /** Monotonic milliseconds of the last answer or failure; null: the core was never asked. */
  #askedAt: number | null = null;
  #closed: Closed | null = null;

  constructor(private readonly options: ForwarderOptions) {
    const { clock, journal, log, random = Math.random } = options;
    this.#random = random;
    this.#nudge = new Nudge(clock);
    this.#busy = new Busy(
      options.concurrency,
      () => clock.monotonic(),
      () => this.wake(),
    );
    const breaker = (destination: Destination, other: Destination) =>
      new Breaker(
        () => clock.monotonic(),
        () => {
          log.info({ destination }, 'answers again');
          wakeAll(journal);
          // Mostly it was the link, which is the same to both.
          this.#breakers[other].hasten();
          this.#busy.restart();
        },
        random,
      );
    this.#breakers = { core: breaker('core', 'store'), store: breaker('store', 'core') };
    this.#delivery = new Delivery(options, this.#breakers, this.#busy);
    this.#outcome = new Outcome({ ...options, random }, this.#breakers);
  }

  /** What is wrong with a destination, or null. */
  troubleWith(destination: Destination): string | null {
    if (destination === 'core' && this.#askedAt === null) return 'not asked yet';
    return this.#breakers[destination].reason;
  }

  /** What is wrong now, for those who are told. */
  get troubles(): Trouble[] {
    return (['core', 'store'] as const).flatMap((destination) => {
      const { reason: sentence, code } = this.#breakers[destination];
      return sentence === null ? [] : [{ destination, code, sentence }];
    });
  }

  /** Why no photo is sent though the link would carry it, or null. */
  get closed(): Closed | null {
    return this.#closed;
  }

  /** Milliseconds until the core may be asked. */
  get coreWaitMs(): number {
    return this.#breakers.core.waitMs();
  }

  /** There is something new to send. */
  wake(): void {
    this.#nudge.nudge();
  }

  /** Runs until the signal aborts and what was under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    // Nobody knows whether a destination was away before the start.
    wakeAll(this.options.journal);
    while (!signal.aborted) {
      if (this.#startNext(signal)) continue;
      await this.#ping(signal);
      await this.#nudge.wait(IDLE_MS, signal);
    }
    await Promise.allSettled([...this.#underWay.values()].map(({ done }) => done));
  }

  #startNext(signal: AbortSignal): boolean {
    const { journal, clock, link } = this.options;
    const { core, store } = this.#breakers;
    const { asking } = this.#busy;
    if (!asking.open || core.waitMs() > 0) return false;
    makeReady(journal, clock.now(), PARKED_MS);
    const row = nextToSend(journal, {
      now: clock.now(),
      excluded: new Set(this.#underWay.keys()),
      ignoreDue: !core.closed || !store.closed,
      random: this.#random,
    });
    const underWay = [...this.#underWay.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    // Only the bytes of a photo weigh on the link: what is stored already may be registered.
    const weighs = row?.state === 'judged' || row?.state === 'queued';
    if (row && weighs) this.#closed = link.closed(row.size_bytes, underWay);
    else if (!row) this.#closed = null;
    // One photo tries whether the store is back; the others would ask for grants in vain.
    const away = !store.closed && (store.waitMs() > 0 || this.#underWay.size > 0);
    if (!row || (weighs && (this.#closed !== null || away))) {
      this.#busy.pause();
      return false;
    }
    if (!core.enter() || !asking.tryEnter()) return false;
    const passage = new Passage(asking);
    const fields = { correlation_id: row.correlation_id };
    const done = withLogContext(fields, () => this.#send(row, passage, signal)).finally(() => {
      this.#underWay.delete(row.sha256);
      passage.end();
      this.wake();
    });
    this.#underWay.set(row.sha256, { bytes: row.size_bytes, done });
    return true;
  }

  /** Asks the core whether it is there, where nothing else has asked it for a while. */
  async #ping(signal: AbortSignal): Promise<void> {
    const { clock, core, onFailure } = this.options;
    const breaker = this.#breakers.core;
    const now = clock.monotonic();
    const recent = this.#askedAt !== null && now - this.#askedAt < PING_MS && breaker.closed;
    if (recent || this.#underWay.size > 0 || !breaker.enter()) return;
    this.#askedAt = now;
    try {
      await core.keys(signal);
      breaker.succeed();
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof DestinationFailure ? error : null;
      const kind = failure?.kind ?? 'wrong_answer';
      const message = failure?.message ?? 'the centre refuses to show its keys';
      breaker.fail(message, failure?.retryAfterMs, kind);
      onFailure(`core_${kind}`);
    }
  }

  async #send(row: PhotoRow, passage: Passage, signal: AbortSignal): Promise<void> {
    this.#askedAt = this.options.clock.monotonic();
    const span = { linkedTraceparent: row.traceparent, attributes: { sha256: row.sha256 } };
    try {
      await withSpan('edge forward', span, () => this.#delivery.deliver(row, passage, signal));
      // One of which nothing was left to ask must not stay the trial of an open breaker for ever.
      this.#breakers.core.leave();
    } catch (error) {
      if (signal.aborted) {
        this.#breakers.core.leave();
        return;
      }
      if (error instanceof DestinationFailure) this.#busy.failed();
      await this.#outcome.note(row, error, signal);
    }
  }
}
