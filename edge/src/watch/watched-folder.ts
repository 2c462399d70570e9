import { constants } from 'node:fs';
import { open, realpath, rename } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Clock } from '@demeter/common/clock';
import { errnoOf } from '@demeter/common/durable-files';
import { AppError, toProblem } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { type Logger, withLogContext } from '@demeter/common/logger';
import { SNIFF_BYTES, sniffFormat } from '@demeter/common/photo-format';
import { currentTraceparent, withSpan } from '@demeter/common/telemetry';
import type { Intake } from '../buffer/intake.ts';
import type { Camera } from '../cameras.ts';
import { Nudge } from '../nudge.ts';
import type { WatchConfig } from '../sources.ts';
import { isTemporary, toPlainName } from './file-names.ts';
import { toFileTime } from './file-time.ts';
import { freeName } from './free-name.ts';
import { sweepMoved } from './moved-files.ts';
import { isAsSeen, RefusedFiles, type RefusedReport } from './refused-files.ts';
import { Settling } from './settling.ts';
import { type Found, walk } from './walk.ts';

export interface WatchedFolderOptions extends WatchConfig {
  readonly intake: Intake;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRefused: (code: string) => void;
  /** So many refused files are removed, because nobody took them away. */
  readonly onRemoved: (files: number) => void;
  /** By which refused files, which are nowhere else, are old: a clock that jumps ahead removes none. Null: nobody knows. */
  readonly keptNow: () => number | null;
}

const ACCEPTED = '.accepted';
const REFUSED = '.refused';
/** Network shares and cameras' cards send no events: the folder is looked through instead. */
const POLL_MS = 1_000;
/** Looking through a large folder may take a tenth of the time. */
const PAUSES = 9;
const SWEEP_MS = 600_000;
const PHOTO_EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.webp', '.heic', '.heif']);
/** Refusals by the box, not of the photo: the file stays and is tried again. */
const NOT_THE_PHOTOS_FAULT = new Set([
  'STORAGE_FULL',
  'STORAGE_FAILED',
  'TOO_MANY_OPEN_FILES',
  'INTERNAL',
  'DRAINING',
]);
const RETRY_MS = 15_000;
/** A refused file that cannot be moved, as on a full disk, stays for so long. */
const STUCK_MS = 600_000;
const CHUNK_BYTES = 256 * 1024;

/**
 * A folder into which cameras drop files, with the folders below it. Settled photos are accepted
 * and moved to `.accepted/`, refused ones to `.refused/` with the reason beside them; files that
 * are no photos stay alone. A process that ends between accepting and moving finds the file again:
 * one more sighting, no second photo.
 */
export class WatchedFolder {
  readonly #settling = new Settling();
  readonly #refused: RefusedFiles;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #trouble: string | null = null;

  constructor(private readonly options: WatchedFolderOptions) {
    this.#refused = new RefusedFiles(join(options.folder, REFUSED));
  }

  get folder(): string {
    return this.options.folder;
  }

  /** Why the folder cannot be read now, or null. */
  get trouble(): string | null {
    return this.#trouble;
  }

  get refused(): RefusedReport {
    return this.#refused.report;
  }

  /** Looks through the folder until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { folder, log, clock } = this.options;
    const pause = new Nudge(clock);
    while (!signal.aborted) {
      let lookedMs = 0;
      try {
        lookedMs = await this.#round(signal);
        if (this.#trouble !== null) log.info({ folder }, 'a watched folder is back');
        this.#trouble = null;
      } catch (error) {
        // A share that is away comes back; it is said once.
        const trouble = errnoOf(error) ?? String(error);
        if (trouble !== this.#trouble) log.warn({ err: error, folder }, 'a watched folder fails');
        this.#trouble = trouble;
      }
      await pause.wait(Math.max(POLL_MS, PAUSES * lookedMs), signal);
    }
  }

  /** Answers how long looking took, in milliseconds, without taking what was found. */
  async #round(signal: AbortSignal): Promise<number> {
    const { folder, clock, log } = this.options;
    const keys = new Set<string>();
    const began = clock.monotonic();
    for (const file of await this.#refused.putBack(began)) {
      log.info({ file }, 'a refused file was written on and is looked at again');
    }
    let takingMs = 0;
    for await (const found of walk(Buffer.from(folder))) {
      if (signal.aborted) return 0;
      keys.add(found.key);
      const temporary = isTemporary(toPlainName(found.name));
      const now = clock.monotonic();
      if (!this.#settling.isSettled(found.key, found.seen, now, temporary)) continue;
      await this.#take(found);
      takingMs += clock.monotonic() - now;
    }
    this.#settling.keepOnly(keys);
    const lookedMs = clock.monotonic() - began - takingMs;
    if (clock.monotonic() - this.#sweptAt >= SWEEP_MS) {
      this.#sweptAt = clock.monotonic();
      await this.#sweep();
    }
    return lookedMs;
  }

  async #sweep(): Promise<void> {
    const { folder, accepted, clock, keptNow, log, onRemoved } = this.options;
    const { keepMs, bytesMax } = accepted;
    // The photos themselves are safe in the spool, or at the centre.
    const rule = { keepMs, bounds: [{ bytesMax, leastMs: 0 }] };
    await sweepMoved(join(folder, ACCEPTED), rule, clock.now());
    const files = await this.#refused.sweep(keptNow(), clock.now());
    if (files === 0) return;
    onRemoved(files);
    log.warn({ folder, files }, 'refused files that nobody took away are removed');
  }

  async #take(found: Found): Promise<void> {
    const { log } = this.options;
    const correlationId = newId();
    const file = shownName(found);
    await withLogContext({ correlation_id: correlationId }, async () => {
      try {
        if (!(await this.#claimsToBePhoto(found))) {
          this.#settling.leaveAlone(found.key, found.seen);
          return;
        }
        const accepted = await withSpan('edge accept', {}, () =>
          this.#accept(found, correlationId),
        );
        log.info({ file, sha256: accepted.sha256, new: accepted.isNew }, 'accepted a file');
        await this.#moveAccepted(found);
      } catch (error) {
        // Gone, or written on meanwhile: it is looked at again under what it is now.
        if (await isAsSeen(found.path, found.seen)) await this.#refuse(found, error, correlationId);
      }
    });
  }

  async #refuse(found: Found, error: unknown, correlationId: string): Promise<void> {
    const { onRefused, log, clock } = this.options;
    const file = shownName(found);
    const known = error instanceof AppError ? error : new AppError('INTERNAL', String(error));
    const now = clock.monotonic();
    const later = NOT_THE_PHOTOS_FAULT.has(known.code);
    const isNews = this.#settling.postpone(found.key, now + (later ? RETRY_MS : STUCK_MS));
    try {
      const problem = { ...toProblem(known, correlationId), file };
      if (!later) await this.#refused.take(found, problem, now);
      if (later && !isNews) return;
      onRefused(known.code);
      log.warn({ file, code: known.code, err: error }, 'refused a file');
    } catch (cause) {
      if (isNews) log.error({ err: cause, file }, 'a refused file cannot be moved and stays');
    }
  }

  /** A file that cannot be moved is accepted all the same: taken again, it would be seen without end. */
  async #moveAccepted(found: Found): Promise<void> {
    const { folder, log } = this.options;
    // Renamed by who wrote it, or written on meanwhile.
    if (!(await isAsSeen(found.path, found.seen))) return;
    try {
      await rename(found.path, await freeName(join(folder, ACCEPTED), found));
    } catch (error) {
      log.error({ err: error, file: shownName(found) }, 'an accepted file cannot be moved');
      this.#settling.leaveAlone(found.key, found.seen);
    }
  }

  async #accept(found: Found, correlationId: string) {
    const { intake } = this.options;
    const { seen } = found;
    const capturedAt = toFileTime(seen.modifiedMs);
    return await intake.accept(this.#chunksOf(found), seen.sizeBytes, () => ({
      camera: this.#cameraOf(found),
      fileName: toPlainName(found.name),
      capturedAt,
      capturedAtSource: capturedAt === null ? 'none' : 'file',
      locationCode: null,
      expectedSha256: null,
      correlationId,
      traceparent: currentTraceparent() ?? null,
    }));
  }

  #cameraOf({ folder }: Found): Camera {
    const { subfolders, camera } = this.options;
    if (folder === '') return camera;
    const found = subfolders.find(({ pattern }) => new Bun.Glob(pattern).match(folder));
    return found?.camera ?? camera;
  }

  /** By its bytes, whatever the name says; or by its name, and then it is refused with a reason. */
  async #claimsToBePhoto(found: Found): Promise<boolean> {
    if (PHOTO_EXTENSIONS.has(extname(toPlainName(found.name)).toLowerCase())) return true;
    for await (const head of this.#chunksOf(found, SNIFF_BYTES)) {
      return sniffFormat(Buffer.from(head)) !== undefined;
    }
    return false;
  }

  /**
   * The file's bytes. Faults of the camera's card or share are told apart from those of this box's
   * own disk; a link that has taken the place of the file, or of a folder above it, is one.
   */
  async *#chunksOf({ path }: Found, chunkBytes = CHUNK_BYTES): AsyncGenerator<Uint8Array> {
    try {
      const folder = path.subarray(0, path.lastIndexOf('/'));
      const [real, root] = await Promise.all([
        realpath(folder, { encoding: 'buffer' }),
        realpath(this.options.folder, { encoding: 'buffer' }),
      ]);
      const below = Buffer.concat([root, folder.subarray(Buffer.byteLength(this.options.folder))]);
      if (!real.equals(below)) throw new Error('its folder is a link');
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        for (;;) {
          const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(chunkBytes) });
          if (bytesRead === 0) return;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw new AppError('INTERNAL', 'The file cannot be read.', { cause });
    }
  }
}

function shownName({ folder, name }: Found): string {
  return join(folder, toPlainName(name));
}
