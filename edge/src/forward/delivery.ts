import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type { Boot } from '../buffer/boot.ts';
import type { Journal, PhotoRow, SightingRow } from '../buffer/journal.ts';
import type { LocalStore } from '../buffer/local-store.ts';
import type { OnStep, Spool } from '../buffer/spool.ts';
import type { Breaker } from './breaker.ts';
import type { Busy } from './busy.ts';
import type { CoreClient, PutGrant } from './core-client.ts';
import {
  type Destination,
  DestinationFailure,
  NotTried,
  PhotoFailure,
  Refusal,
} from './failures.ts';
import type { Passage } from './gate.ts';
import type { Link } from './link.ts';
import { forgetParts, sendParts } from './parts.ts';
import { afterArrival, afterStall, pieceBytesMax, silenceMaxMs, UNKNOWN } from './patience.ts';
import { put } from './put.ts';
import type { Receipts } from './receipts.ts';
import { readClocks, toRegistration } from './registration.ts';
import type { Transport } from './transport.ts';

export type Breakers = Readonly<Record<Destination, Breaker>>;

export interface DeliveryOptions {
  readonly journal: Journal;
  readonly spool: Spool;
  readonly localStore: LocalStore | null;
  readonly core: CoreClient;
  readonly receipts: Receipts;
  readonly transport: Transport;
  readonly link: Link;
  readonly clock: Clock;
  readonly boot: Boot;
  readonly log: Logger;
  readonly onStep: OnStep;
  readonly onReceipt: () => void;
}

/** A photo of usual size is read in one go: each trip to the disk costs as much as its bytes. */
const READ_BYTES = 2 * 1024 * 1024;

/** One photo's way: granted, put whole or in parts, registered, its receipt checked and kept. */
export class Delivery {
  /** The last photo of which the store did not say that it has it. */
  #unanswered: string | null = null;
  #patience = UNKNOWN;

  constructor(
    private readonly options: DeliveryOptions,
    private readonly breakers: Breakers,
    private readonly busy: Busy,
  ) {}

  /** `passage` is where it may ask. Throws DestinationFailure, NotTried, PhotoFailure, Refusal. */
  async deliver(row: PhotoRow, passage: Passage, signal: AbortSignal): Promise<void> {
    const { journal, core, onStep } = this.options;
    if (row.state === 'judged' || row.state === 'queued') {
      // Taken back by a power cut, these steps are taken again: the centre knows what it has.
      journal.note(() => journal.update(row.sha256, { state: 'uploading' }));
      const { sha256, size_bytes, media_type } = row;
      const answer = await core.grant({ sha256, size_bytes, media_type, parts: true }, signal);
      this.breakers.core.succeed();
      onStep('granted');
      if (answer.state !== 'stored') {
        await passage.into(this.busy.putting, signal);
        this.busy.begun();
        if (answer.state === 'put') {
          await this.#put(row, answer.grant, () => this.#open(row), signal);
        } else {
          await sendParts(row, answer.upload, {
            ...this.options,
            open: () => this.#open(row),
            put: (grant, openPart) => this.#put(row, grant, openPart, signal),
            signal,
          });
        }
        this.busy.sent(size_bytes);
      } else if (sha256 === this.#unanswered) {
        // Its bytes did arrive, only the answer was lost: the store works.
        this.breakers.store.succeed();
      }
      onStep('put');
      const stored = journal.note(() => {
        forgetParts(journal, row.sha256);
        if (journal.photo(row.sha256)?.state !== 'uploading') return false;
        journal.update(row.sha256, { state: 'stored' });
        return true;
      });
      onStep('stored');
      // Its bytes came anew meanwhile, in place of spoilt ones: it goes its way from the beginning.
      if (!stored) return;
    }
    await passage.into(this.busy.registering, signal);
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

  async #open(row: PhotoRow): Promise<AsyncIterable<Uint8Array>> {
    const { spool, localStore } = this.options;
    if (row.in_spool === 1) return asPhotoFailure(spool.read(row.sha256, READ_BYTES));
    if (row.buffered_at !== null && localStore) return this.#readCopy(row.sha256, localStore);
    throw gone();
  }

  /** Opened by the first read: one that nobody reads in the end would stay open. */
  async *#readCopy(sha256: string, localStore: LocalStore): AsyncGenerator<Uint8Array> {
    try {
      yield* await localStore.open(sha256);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
      this.options.journal.update(sha256, { buffered_at: null });
      throw gone();
    }
  }

  async #put(
    row: PhotoRow,
    grant: PutGrant,
    open: () => Promise<AsyncIterable<Uint8Array>>,
    signal: AbortSignal,
  ): Promise<void> {
    const { core, transport, link, log, clock } = this.options;
    const { store } = this.breakers;
    if (!store.enter()) throw new NotTried(store.reason ?? 'the store is away');
    const patience = this.#patience;
    const bytes = Number(grant.headers['content-length'] ?? row.size_bytes);
    try {
      const upload = {
        url: core.urlOf(grant),
        headers: grant.headers,
        body: link.paced(await open(), pieceBytesMax(patience), signal),
        signal,
      };
      const began = clock.monotonic();
      const waits = { clock, silenceMaxMs: silenceMaxMs(patience, bytes) };
      const result = await put(transport, upload, waits);
      store.succeed();
      if (result === 'stored') {
        this.#patience = afterArrival(this.#patience, bytes, clock.monotonic() - began);
      }
      log.debug({ sha256: row.sha256, result }, 'put');
    } catch (error) {
      // Of several that fell silent together one is enough to learn from.
      const isStall = error instanceof DestinationFailure && error.kind === 'timeout';
      if (isStall && this.#patience === patience) this.#patience = afterStall(patience);
      // The store answered, if only to refuse this photo.
      if (isRefusedByStore(error)) store.succeed();
      else if (signal.aborted || !(error instanceof DestinationFailure)) store.leave();
      else this.#unanswered = row.sha256;
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
    this.breakers.core.succeed();
    onStep('receipt');
    const now = clock.now();
    // Whatever removes bytes is flushed, and this before it; what a power cut takes back until then
    // is asked for again.
    journal.note(() => {
      journal.settleSighting(sighting.id, now, refused);
      const settled = { attempts: 0, due_at: 0, parked: null, last_error: refused };
      const proof = { receipt: answer.receipt, verified_at: now };
      const held = journal.photo(row.sha256)?.state;
      if (held === 'verified' || held === 'evicted') journal.update(row.sha256, settled);
      else if (held === 'stored') {
        journal.update(row.sha256, { ...settled, ...proof, state: 'verified' });
        // Came anew meanwhile, or asked for again: it goes its way from the beginning.
      } else journal.update(row.sha256, proof);
    });
    onStep('verified');
    onReceipt();
    log.info({ sha256: row.sha256, sighting: sighting.id, centre: answer.state }, 'verified');
  }
}

function gone(): PhotoFailure {
  return new PhotoFailure('bytes_missing', 'the bytes are not on this box any more');
}

function isRefusedByStore(error: unknown): boolean {
  if (!(error instanceof PhotoFailure)) return false;
  return error.kind === 'checksum_refused' || error.kind === 'grant_refused';
}

/** Bytes that this disk does not give back are no fault of the store that they are sent to. */
async function* asPhotoFailure(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (cause) {
    const message = 'the bytes of this photo cannot be read on this box';
    throw new PhotoFailure('bytes_changed', message, { cause });
  }
}
