import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import { DataStore, ERRORS, Upload } from '@tus/server';
import type { AlarmKind } from '../alarms.ts';
import { type Disk, isDiskFailure, toDiskError } from '../buffer/disk.ts';
import type { Accepted, Arrival, Intake } from '../buffer/intake.ts';
import type { Journal } from '../buffer/journal.ts';
import { KeyedLock } from '../buffer/keyed-lock.ts';
import { cameraOf, type Devices } from '../pairing/devices.ts';
import { PartialFiles } from './partial-files.ts';
import { openUploadBytes, type UploadClaims, type UploadRow, UploadRows } from './upload-rows.ts';

export interface UploadStoreOptions {
  readonly folder: string;
  readonly journal: Journal;
  readonly devices: Devices;
  readonly intake: Intake;
  /** As much as the box may hold. */
  readonly quotaBytes: number;
  readonly disk: Disk;
  readonly clock: Clock;
  /** The disk failed: call for people. */
  readonly onAlarm: (kind: AlarmKind, error: unknown) => void;
}

/** What begins: the length was checked, the claims were parsed. */
export interface NewUpload {
  readonly id: string;
  readonly device: string;
  readonly sizeBytes: number;
  readonly claims: UploadClaims;
}

/** An unfinished upload is kept for so long after it began. */
export const UPLOAD_HOURS = 24;
/** A phone sends two at a time; others are of a page that was closed in the middle. */
const OPEN_MAX = 50;
/** Of the quota: photos that are only announced must not keep cameras out. */
const OPEN_SHARE = 0.5;
/** Bytes that a power cut may cost, at most. */
const SYNC_BYTES = 4 * 1024 * 1024;
/** Refusals of the bytes themselves: sending the rest again cannot help. */
const FINAL = new Set([
  ...['EMPTY_PHOTO', 'NOT_AN_IMAGE', 'TRUNCATED_PHOTO', 'PHOTO_TOO_LARGE', 'TOO_MANY_PIXELS'],
  'CHECKSUM_MISMATCH',
]);

/**
 * Photos on their way from phones, behind the tus server.
 *
 * States of an upload: open (offset < size) → whole (offset = size) → accepted (its row names the
 * photo). An offset is told only after the bytes below it were flushed and the journal says so.
 * A whole upload goes through the intake before anybody hears that it is whole, under the tus
 * server's lock: a phone that reads "all bytes are there" may forget the photo.
 */
export class UploadStore extends DataStore {
  readonly #rows: UploadRows;
  readonly #files: PartialFiles;
  readonly #finishing = new KeyedLock();

  constructor(private readonly options: UploadStoreOptions) {
    super();
    this.extensions = ['creation', 'creation-with-upload', 'expiration', 'termination'];
    this.#rows = new UploadRows(options.journal);
    this.#files = new PartialFiles(options.folder, options.disk);
  }

  override getExpiration(): number {
    return UPLOAD_HOURS * 3_600_000;
  }

  /** The device that began it; null if there is no such upload. */
  ownerOf(id: string): string | null {
    return this.#rows.get(id)?.device ?? null;
  }

  /** The photo that it became; null as long as it has not. */
  photoOf(id: string): string | null {
    return this.#rows.get(id)?.sha256 ?? null;
  }

  /** Throws TOO_MANY_REQUESTS, STORAGE_FULL, STORAGE_FAILED. */
  async begin({ id, device, sizeBytes, claims }: NewUpload): Promise<void> {
    if (this.#rows.openCount(device) >= OPEN_MAX) {
      throw new AppError('TOO_MANY_REQUESTS', 'This phone has begun too many uploads.', {
        hint: 'Let those that have begun come to their end.',
        retryAfterSeconds: 60,
      });
    }
    const { intake, journal, quotaBytes } = this.options;
    if (openUploadBytes(journal) + sizeBytes > quotaBytes * OPEN_SHARE) {
      throw new AppError('STORAGE_FULL', 'Photos that phones have begun to send take all room.', {
        retryAfterSeconds: 60,
      });
    }
    await intake.requireRoom(sizeBytes);
    const metadata = JSON.stringify(claims);
    const begun_at = this.options.clock.now();
    // The row first: a file without one is swept away.
    this.#rows.add({ id, device, size_bytes: sizeBytes, metadata, begun_at });
    try {
      await this.#guarded(() => this.#files.create(id));
    } catch (error) {
      this.#rows.remove(id);
      throw error;
    }
  }

  /** The row stands already: `begin` made it where the request's device is known. */
  override async create(upload: Upload): Promise<Upload> {
    return this.#toUpload(this.#require(upload.id));
  }

  override async getUpload(id: string): Promise<Upload> {
    const row = this.#require(id);
    if (row.sha256 !== null) return this.#toUpload(row);
    const there = await this.#files.sizeOf(id);
    if (there < 0) {
      this.#rows.remove(id);
      throw ERRORS.FILE_NOT_FOUND;
    }
    const offset = Math.min(row.offset_bytes, there);
    if (offset < row.offset_bytes) this.#rows.setOffset(id, offset);
    // Whole, but the intake had failed or the process had ended.
    if (offset === row.size_bytes) await this.#finish(row);
    return this.#toUpload({ ...row, offset_bytes: offset });
  }

  override async write(
    chunks: AsyncIterable<Uint8Array>,
    id: string,
    offset: number,
  ): Promise<number> {
    const row = this.#require(id);
    const onSynced = (bytes: number) => this.#rows.setOffset(id, bytes);
    const end = await this.#guarded(() =>
      this.#files.write(id, offset, chunks, { syncBytes: SYNC_BYTES, onSynced }),
    );
    if (end === row.size_bytes) await this.#finish(row);
    return end;
  }

  override async remove(id: string): Promise<void> {
    this.#require(id);
    this.#rows.remove(id);
    await this.#files.remove(id);
  }

  /** Removes what is too old, and files that no row knows; answers how many were too old. */
  override async deleteExpired(): Promise<number> {
    const now = this.options.clock.now();
    const rows = this.#rows.all();
    // Either way: one that began before the clock was set back must not stay for years.
    const old = rows.filter((row) => Math.abs(now - row.begun_at) > this.getExpiration());
    for (const { id } of old) this.#rows.remove(id);
    const kept = new Set(rows.filter((row) => !old.includes(row)).map(({ id }) => id));
    const unknown = (await this.#files.list()).filter((id) => !kept.has(id));
    // Others have begun since the rows were read.
    const stray = unknown.filter((id) => this.#rows.get(id) === null);
    for (const id of stray) await this.#files.remove(id);
    return old.length;
  }

  /** Hands the whole file to the intake, once; what that refuses for good is removed. */
  async #finish({ id }: UploadRow): Promise<void> {
    await this.#finishing.with(id, async () => {
      const row = this.#require(id);
      if (row.sha256 === null) await this.#accept(row);
    });
  }

  async #accept(row: UploadRow): Promise<void> {
    const { id } = row;
    let accepted: Accepted;
    try {
      // The quota counts the upload's bytes already.
      accepted = await this.options.intake.accept(this.#files.read(id), 0, () =>
        this.#arrivalOf(row),
      );
    } catch (error) {
      if (error instanceof AppError && FINAL.has(error.code)) await this.remove(id);
      throw error;
    }
    this.#rows.setAccepted(id, accepted.sha256);
    await this.#files.remove(id);
  }

  #arrivalOf(row: UploadRow): Arrival {
    const { capturedAt, ...claims } = JSON.parse(row.metadata) as UploadClaims;
    const device = this.options.devices.byId(row.device);
    if (!device) throw new AppError('UNAUTHENTICATED', 'This phone is not paired any more.');
    const capturedAtSource = capturedAt === null ? 'none' : 'device_file';
    return { ...claims, camera: cameraOf(device), capturedAt, capturedAtSource };
  }

  #require(id: string): UploadRow {
    const row = this.#rows.get(id);
    if (!row) throw ERRORS.FILE_NOT_FOUND;
    return row;
  }

  #toUpload(row: UploadRow): Upload {
    return new Upload({
      id: row.id,
      size: row.size_bytes,
      offset: row.sha256 === null ? row.offset_bytes : row.size_bytes,
      creation_date: new Date(row.begun_at).toISOString(),
    });
  }

  async #guarded<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const known = toDiskError(error);
      if (isDiskFailure(known)) this.options.onAlarm('disk_failed', known);
      throw known;
    }
  }
}
