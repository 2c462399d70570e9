import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import type { AlarmKind } from '../alarms.ts';
import type { Camera } from '../cameras.ts';
import type { Boot } from './boot.ts';
import type { Chunks } from './chunks.ts';
import { Crowd } from './crowd.ts';
import { isDiskFailure, type Shortage, shortageOf, toDiskError } from './disk.ts';
import { type Ids, realIds } from './ids.ts';
import { isGone, type Journal, type PhotoRow, type PhotoState } from './journal.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { Quota } from './quota.ts';
import type { CapturedAtSource, Sidecar, Sighting } from './sidecar.ts';
import type { OnStep, Received, Spool } from './spool.ts';

/** What came with the bytes. */
export interface Arrival {
  readonly camera: Camera;
  readonly fileName: string | null;
  readonly capturedAt: string | null;
  readonly capturedAtSource: CapturedAtSource;
  readonly locationCode: string | null;
  /** Hex; refused with CHECKSUM_MISMATCH if the bytes have another. */
  readonly expectedSha256: string | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

export interface Accepted {
  readonly sha256: string;
  readonly sightingId: string;
  readonly state: PhotoState;
  /** False: the same bytes were known already. */
  readonly isNew: boolean;
}

export interface IntakeOptions {
  readonly spool: Spool;
  readonly journal: Journal;
  readonly quota: Quota;
  readonly clock: Clock;
  readonly ids?: Ids;
  /** Absent: one that is not counted. */
  readonly boot?: Boot;
  /** By photo; shared with whoever removes bytes. */
  readonly locks: KeyedLock;
  readonly onStep: OnStep;
  /** A photo is in the journal now. */
  readonly onAccepted: (accepted: Accepted, camera: Camera) => void;
  /** A photo was taken again after the system had been short of something. */
  readonly onOver: (shortage: Shortage) => void;
  /** The disk failed, or the system has no room or descriptor left: call for people. */
  readonly onAlarm: (kind: AlarmKind, error: unknown) => void;
}

/**
 * Accepting a photo, from its first byte to the moment in which the camera may forget it:
 * reserve → receive with hash → flush bytes and sidecar → names → flush folders → journal.
 * Only then does `accept` answer.
 */
export class Intake {
  readonly #ids: Ids;
  readonly #boot: Boot;
  #sequence = 0;
  readonly #crowd: Crowd;
  /** Of what the system had none left for a photo, since the last one that was taken. */
  readonly #short = new Set<Shortage>();

  constructor(private readonly options: IntakeOptions) {
    this.#ids = options.ids ?? realIds();
    this.#crowd = new Crowd(() => options.clock.monotonic());
    this.#boot = options.boot ?? { id: this.#ids.uuid(), number: 0, aheadMs: 0 };
  }

  /** Cameras send one upon the other: work that can wait lets them go first, for a second at most. */
  get camerasFirst(): boolean {
    return this.#crowd.goesFirst;
  }

  /** Throws STORAGE_FULL where a photo of this size would not be taken now. */
  async requireRoom(sizeBytes: number): Promise<void> {
    const release = await this.options.quota.reserve(sizeBytes);
    release();
  }

  /**
   * Takes a stream of bytes; `describe` is called once all have arrived, because the fields of a
   * multipart body may stand behind the file. Throws like Spool.receive and Spool.store, and
   * CHECKSUM_MISMATCH.
   */
  async accept(chunks: Chunks, sizeHintBytes: number, describe: () => Arrival): Promise<Accepted> {
    const { spool, quota, onAlarm, onOver } = this.options;
    this.#crowd.begun();
    try {
      const release = await quota.reserve(sizeHintBytes);
      try {
        const received = await spool.receive(chunks, sizeHintBytes);
        const accepted = await this.#commit(received, describe).catch(async (error: unknown) => {
          // Its room is given free only when it is: a camera may go on sending what is refused.
          await spool.release(received);
          throw error;
        });
        // Nobody waits for it: what got a name keeps it, and a start removes what was left.
        void spool.release(received);
        for (const shortage of this.#short) onOver(shortage);
        this.#short.clear();
        return accepted;
      } finally {
        release();
      }
    } catch (error) {
      const known = toDiskError(error);
      if (isDiskFailure(known)) onAlarm('disk_failed', known);
      const shortage = shortageOf(known);
      if (shortage && !this.#short.has(shortage)) {
        this.#short.add(shortage);
        onAlarm(shortage, known);
      }
      throw known;
    } finally {
      this.#crowd.ended();
    }
  }

  async #commit(received: Received, describe: () => Arrival): Promise<Accepted> {
    const { sha256 } = received;
    const arrival = describe();
    if (arrival.expectedSha256 !== null && arrival.expectedSha256 !== sha256) {
      throw new AppError('CHECKSUM_MISMATCH', 'The bytes have another SHA-256 than announced.', {
        field: 'Expect-SHA-256',
        details: { sha256 },
      });
    }
    return await this.options.locks.with(sha256, () => this.#record(received, arrival));
  }

  async #record(received: Received, arrival: Arrival): Promise<Accepted> {
    const { spool, journal, onStep, onAccepted, onAlarm } = this.options;
    const { sha256 } = received;
    const known = journal.photo(sha256);
    // Bytes that changed on this disk are replaced by those that come now.
    const held = known !== null && (await this.#holds(known));
    const sidecar = this.#sidecar(received, arrival);
    if (held) await spool.addSighting({ ...sidecar, held: true }, received.claim);
    else {
      const replaces = known !== null && !isGone(known.state);
      const failure = await spool.store(received, sidecar, replaces);
      if (failure) onAlarm('disk_failed', failure);
    }
    try {
      const enter = () => {
        if (!held) journal.addPhoto(sidecar);
        journal.addSighting(sha256, sidecar.sighting);
      };
      // Bytes and sidecar are flushed: a start makes new rows again from them. A row that is there
      // already, and would say something else, is flushed itself.
      if (known === null || held) journal.note(enter);
      else journal.transaction(enter);
    } catch (error) {
      // Not acknowledged, so it must not come back at the next start either.
      // Bytes that replace those of an acknowledged photo stay: it is in the journal already.
      if (known === null || isGone(known.state)) {
        await spool.removePhoto(sha256).catch(() => {});
      }
      await spool.removeSidecars(sha256, [sidecar.sighting.id]).catch(() => {});
      throw error;
    }
    onStep('journalled');
    const state = held ? known.state : 'spooled';
    const accepted = { sha256, sightingId: sidecar.sighting.id, state, isNew: known === null };
    this.#crowd.taken();
    onAccepted(accepted, arrival.camera);
    return accepted;
  }

  /**
   * Whether the camera may forget these bytes because they are here already. Nobody else has them
   * before the centre's receipt: until then what the disk has made of them is looked at first.
   */
  async #holds({ sha256, state, parked, in_spool, buffered_at }: PhotoRow): Promise<boolean> {
    const { spool, onAlarm } = this.options;
    if (parked === 'BYTES_CHANGED') return false;
    if (in_spool === 0) return buffered_at !== null;
    if (state === 'verified' || (await spool.isSound(sha256))) return true;
    onAlarm('bytes_changed', new Error(`photo ${sha256}`));
    return false;
  }

  #sidecar({ sha256, sizeBytes, header }: Received, arrival: Arrival): Sidecar {
    const { clock } = this.options;
    const now = clock.now();
    const { locationId } = arrival.camera;
    const sighting: Sighting = {
      id: this.#ids.ulid(now),
      camera: arrival.camera.code,
      boot_id: this.#boot.id,
      boot_number: this.#boot.number,
      sequence: this.#sequence++,
      monotonic_ms: Math.round((clock.monotonic() + this.#boot.aheadMs) * 1000) / 1000,
      accepted_at: new Date(now).toISOString(),
      captured_at: arrival.capturedAt,
      captured_at_source: arrival.capturedAtSource,
      file_name: arrival.fileName,
      location_code: arrival.locationCode ?? arrival.camera.locationCode,
      ...(locationId && arrival.locationCode === null ? { location_id: locationId } : {}),
      position: arrival.camera.position,
      correlation_id: arrival.correlationId,
      traceparent: arrival.traceparent,
    };
    const photo = {
      sha256,
      size_bytes: sizeBytes,
      media_type: header.mediaType,
      width: header.width,
      height: header.height,
    };
    return { version: 1, photo, sighting };
  }
}
