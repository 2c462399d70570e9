import type { Clock } from '@demeter/common/clock';
import { type Logger, withLogContext } from '@demeter/common/logger';
import { backoffMs } from '@demeter/common/retry';
import { withSpan } from '@demeter/common/telemetry';
import type { AlarmKind } from '../alarms.ts';
import type { Boot } from '../buffer/boot.ts';
import type { Journal, PhotoRow, SightingRow } from '../buffer/journal.ts';
import type { LocalStore } from '../buffer/local-store.ts';
import type { OnStep, Spool } from '../buffer/spool.ts';
import { Nudge } from '../nudge.ts';
import { nextToSend, wakeAll } from './backlog.ts';
import { Breaker } from './breaker.ts';
import type { CoreClient, PutGrant } from './core-client.ts';
import { type Destination, DestinationFailure, PhotoFailure, Refusal } from './failures.ts';
import { put } from './put.ts';
import type { Receipts } from './receipts.ts';
import { readClocks, toRegistration } from './registration.ts';
import type { Transport } from './transport.ts';

/** Of one photo whose own sending failed (edge-and-faults: 1 s → 5 min, no limit on tries). */
const PHOTO_BACKOFF = { baseMs: 1_000, maxMs: 300_000 } as const;
/** Of a photo that the core refused for good: people see it, and it is tried now and then. */
const PARKED_MS = 15 * 60_000;
const IDLE_MS = 500;
const JOURNAL_RETRY_MS = 1_000;
/** With nothing to send, the core is asked this often whether it is there, for the health report. */
const PING_MS = 30_000;

export interface ForwarderOptions {
  readonly journal: Journal;
  readonly spool: Spool;
  readonly localStore: LocalStore | null;
  readonly core: CoreClient;
  readonly receipts: Receipts;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly boot: Boot;
  readonly log: Logger;
  readonly concurrency: number;
  readonly random?: () => number;
  readonly onStep: OnStep;
  readonly onReceipt: () => void;
  readonly onFailure: (kind: string) => void;
  readonly onAlarm: (kind: AlarmKind, error: unknown) => void;
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
  readonly #breakers: Readonly<Record<Destination, Breaker>>;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #nudge: Nudge;
  /** Monotonic milliseconds of the last answer or failure; null: the core was never asked. */
  #askedAt: number | null = null;

  constructor(private readonly options: ForwarderOptions) {
    const { clock, journal, log, random } = options;
    this.#nudge = new Nudge(clock);
    const breaker = (destination: Destination) =>
      new Breaker(
        () => clock.now(),
        () => {
          log.info({ destination }, 'answers again');
          wakeAll(journal);
        },
        random,
      );
    this.#breakers = { core: breaker('core'), store: breaker('store') };
  }

  /** What is wrong with a destination, or null. */
  troubleWith(destination: Destination): string | null {
    if (destination === 'core' && this.#askedAt === null) return 'not asked yet';
    return this.#breakers[destination].reason;
  }

  /** There is something new to send. */
  wake(): void {
    this.#nudge.nudge();
  }

  /** Runs until the signal aborts and what was under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#startNext(signal)) continue;
      await this.#ping(signal);
      await this.#nudge.wait(IDLE_MS, signal);
    }
    await Promise.allSettled(this.#underWay.values());
  }

  #startNext(signal: AbortSignal): boolean {
    const { journal, clock, concurrency, random = Math.random } = this.options;
    const { core } = this.#breakers;
    if (this.#underWay.size >= concurrency || core.waitMs() > 0) return false;
    const row = nextToSend(journal, {
      now: clock.now(),
      excluded: new Set(this.#underWay.keys()),
      ignoreDue: !core.closed || !this.#breakers.store.closed,
      random,
    });
    if (!row || !core.enter()) return false;
    const fields = { correlation_id: row.correlation_id };
    const work = withLogContext(fields, () => this.#send(row, signal)).finally(() => {
      this.#underWay.delete(row.sha256);
      this.wake();
    });
    this.#underWay.set(row.sha256, work);
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
      breaker.fail(failure?.message ?? 'refuses to show its keys', failure?.retryAfterMs);
      onFailure(`core_${failure?.kind ?? 'wrong_answer'}`);
    }
  }

  async #send(row: PhotoRow, signal: AbortSignal): Promise<void> {
    this.#askedAt = this.options.clock.monotonic();
    const span = { linkedTraceparent: row.traceparent, attributes: { sha256: row.sha256 } };
    try {
      await withSpan('edge forward', span, () => this.#forward(row, signal));
    } catch (error) {
      if (signal.aborted) this.#breakers.core.leave();
      else await this.#noteFailure(row, error, signal);
    }
  }

  /** A journal that cannot be written now is tried until it can: else the photo would be lost sight of. */
  async #noteFailure(row: PhotoRow, error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    while (!signal.aborted) {
      try {
        await this.#failed(row, error);
        return;
      } catch (cause) {
        log.error({ err: cause, sha256: row.sha256 }, 'the journal cannot be written');
        await clock.sleep(JOURNAL_RETRY_MS, signal).catch(() => {});
      }
    }
  }

  async #forward(row: PhotoRow, signal: AbortSignal): Promise<void> {
    const { journal, core, onStep } = this.options;
    if (row.state === 'judged' || row.state === 'queued') {
      journal.update(row.sha256, { state: 'uploading' });
      const { sha256, size_bytes, media_type } = row;
      const answer = await core.grant({ sha256, size_bytes, media_type }, signal);
      this.#breakers.core.succeed();
      onStep('granted');
      if (answer.state === 'put') await this.#put(row, answer.grant, signal);
      onStep('put');
      journal.update(row.sha256, { state: 'stored' });
      onStep('stored');
    }
    for (const sighting of journal.sightings(row.sha256)) {
      if (sighting.registered_at === null && sighting.refused === null) {
        await this.#register(row, sighting, signal);
      }
    }
    // Bytes that came again while their last sighting was being registered have nothing left to do.
    journal.run(
      "UPDATE photos SET state = 'verified' WHERE sha256 = ? AND state = 'stored' AND receipt IS NOT NULL",
      row.sha256,
    );
  }

  async #put(row: PhotoRow, grant: PutGrant, signal: AbortSignal): Promise<void> {
    const { core, spool, localStore, transport, log } = this.options;
    const { store } = this.#breakers;
    if (!store.enter()) {
      throw new DestinationFailure('store', 'unavailable', store.reason ?? 'waiting', 0);
    }
    if (row.in_spool === 0 && (row.buffered_at === null || localStore === null)) {
      store.leave();
      throw new PhotoFailure('bytes_missing', 'the bytes are not on this box any more');
    }
    const body =
      row.in_spool === 1
        ? spool.read(row.sha256)
        : await (localStore as LocalStore).open(row.sha256);
    try {
      const { headers } = grant;
      const result = await put(transport, { url: core.urlOf(grant), headers, body, signal });
      store.succeed();
      log.debug({ sha256: row.sha256, result }, 'put');
    } catch (error) {
      // The store answered, if only to refuse this photo.
      if (error instanceof PhotoFailure) store.succeed();
      else if (signal.aborted) store.leave();
      throw error;
    }
  }

  async #register(row: PhotoRow, sighting: SightingRow, signal: AbortSignal): Promise<void> {
    const { journal, core, receipts, clock, log, onStep, onReceipt } = this.options;
    const clocks = readClocks(clock, this.options.boot);
    const registration = { ...toRegistration(row, sighting), clock: clocks };
    let refused: string | null = null;
    const answer = await core.register(registration, signal).catch(async (error: unknown) => {
      if (!(error instanceof Refusal) || error.code !== 'LOCATION_CONFLICT') throw error;
      // Another place than the one stored: a person decides there; the photo itself is welcome.
      refused = error.code;
      return await core.register({ ...registration, place: null }, signal);
    });
    await receipts.verify(answer.receipt, row, signal);
    this.#breakers.core.succeed();
    onStep('receipt');
    const now = clock.now();
    journal.transaction(() => {
      journal.settleSighting(sighting.id, now, refused);
      const settled = { attempts: 0, due_at: 0, parked: null, last_error: refused };
      const held = journal.photo(row.sha256)?.state ?? row.state;
      if (held === 'verified' || held === 'evicted') journal.update(row.sha256, settled);
      else {
        const receipt = answer.receipt;
        journal.update(row.sha256, { ...settled, state: 'verified', receipt, verified_at: now });
      }
    });
    onStep('verified');
    onReceipt();
    log.info({ sha256: row.sha256, sighting: sighting.id, centre: answer.state }, 'verified');
  }

  async #failed(row: PhotoRow, error: unknown): Promise<void> {
    const { journal, clock, log, onFailure, random } = this.options;
    const current = journal.photo(row.sha256) ?? row;
    const back = current.state === 'uploading' ? ({ state: 'queued' } as const) : {};
    const attempts = row.attempts + 1;
    const pause = backoffMs(attempts, { ...PHOTO_BACKOFF, ...(random ? { random } : {}) });
    const later = { ...back, attempts, due_at: clock.now() + pause };
    if (error instanceof DestinationFailure) {
      const { destination, kind, message, retryAfterMs } = error;
      if (destination === 'store') this.#breakers.core.succeed();
      const wasClosed = this.#breakers[destination].closed;
      this.#breakers[destination].fail(message, retryAfterMs);
      journal.update(row.sha256, { ...later, last_error: message });
      onFailure(`${destination}_${kind}`);
      const level = wasClosed ? 'warn' : 'debug';
      log[level]({ sha256: row.sha256, destination, kind, err: error.cause }, message);
      return;
    }
    // An answer about one photo: the core itself works.
    this.#breakers.core.succeed();
    if (error instanceof Refusal && error.code === 'PHOTO_NOT_IN_STORE') {
      journal.update(row.sha256, { ...later, state: 'queued', last_error: error.code });
    } else if (error instanceof Refusal && error.code === 'CHECKSUM_MISMATCH') {
      await this.#checkBytes(row, later, error.code);
    } else if (error instanceof PhotoFailure && error.kind === 'checksum_refused') {
      await this.#checkBytes(row, later, error.message);
    } else if (error instanceof Refusal) {
      this.#park(row, back, attempts, error.code);
    } else if (error instanceof PhotoFailure && error.kind === 'bytes_missing') {
      this.#park(row, back, attempts, 'BYTES_MISSING');
    } else {
      const text = error instanceof PhotoFailure ? error.message : 'failed inside the edge';
      journal.update(row.sha256, { ...later, last_error: text });
    }
    const kind = error instanceof Refusal ? error.code : (error as PhotoFailure).kind;
    onFailure(kind ?? 'internal');
    log.warn({ sha256: row.sha256, err: error, attempts }, 'a photo was not sent');
  }

  #park(row: PhotoRow, back: Partial<PhotoRow>, attempts: number, code: string): void {
    const due_at = this.options.clock.now() + PARKED_MS;
    const parked = { attempts, due_at, parked: code, last_error: code };
    this.options.journal.update(row.sha256, { ...back, ...parked });
  }

  /** The centre finds other bytes than announced: were they spoilt on the way, or here? */
  async #checkBytes(row: PhotoRow, later: Partial<PhotoRow>, reason: string): Promise<void> {
    const { journal, spool, onAlarm } = this.options;
    const intact = row.in_spool === 0 || (await spool.hashOf(row.sha256)) === row.sha256;
    if (intact) {
      journal.update(row.sha256, { ...later, state: 'queued', last_error: reason });
      return;
    }
    onAlarm('bytes_changed', new PhotoFailure('bytes_changed', `photo ${row.sha256}`));
    const attempts = row.attempts + 1;
    this.#park(row, { state: 'queued' }, attempts, 'BYTES_CHANGED');
    const quarantine = 'The bytes on this box have changed since the photo was accepted.';
    journal.update(row.sha256, { quarantine });
  }
}
