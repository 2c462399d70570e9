import { createReadStream } from 'node:fs';
import { access, lstat, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { extname, join, parse } from 'node:path';
import { errnoOf } from '@demeter/common/durable-files';
import { AppError, toProblem } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { type Logger, withLogContext } from '@demeter/common/logger';
import { SNIFF_BYTES, sniffFormat } from '@demeter/common/photo-format';
import { withFileSource } from '@demeter/common/photo-format/source';
import { currentTraceparent, withSpan } from '@demeter/common/telemetry';
import type { Intake } from '../buffer/intake.ts';
import type { Camera } from '../cameras.ts';
import { Nudge } from '../nudge.ts';
import { type Seen, Settling } from './settling.ts';

export interface WatchedFolderOptions {
  readonly folder: string;
  readonly camera: Camera;
  readonly intake: Intake;
  readonly log: Logger;
  readonly onRefused: (code: string) => void;
}

const ACCEPTED = '.accepted';
const REFUSED = '.refused';
/** Network shares and cameras' cards send no events: the folder is looked through instead. */
const POLL_MS = 1_000;
const PHOTO_EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.webp', '.heic', '.heif']);
/** Refusals by the box, not of the photo: the file stays and is tried again. */
const NOT_THE_PHOTOS_FAULT = new Set(['STORAGE_FULL', 'STORAGE_FAILED', 'INTERNAL', 'DRAINING']);
const RETRY_MS = 15_000;

/**
 * A folder into which a camera drops files. Settled photos are accepted and moved to `.accepted/`,
 * refused ones to `.refused/` with the reason beside them; files that are no photos stay alone.
 */
export class WatchedFolder {
  readonly #settling = new Settling();

  constructor(private readonly options: WatchedFolderOptions) {}

  /** Looks through the folder until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { folder, log } = this.options;
    const pause = new Nudge();
    let reported = '';
    while (!signal.aborted) {
      try {
        await this.#round(signal);
        reported = '';
      } catch (error) {
        // A share that is away comes back; it is said once.
        const problem = errnoOf(error) ?? String(error);
        if (problem !== reported) log.warn({ err: error, folder }, 'a watched folder fails');
        reported = problem;
      }
      await pause.wait(POLL_MS, signal);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { folder } = this.options;
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
    this.#settling.keepOnly(new Set(names));
    for (const name of names) {
      if (signal.aborted) return;
      const found = await lstat(join(folder, name)).catch(() => null);
      if (!found?.isFile()) continue;
      const seen: Seen = { sizeBytes: found.size, modifiedMs: found.mtimeMs };
      if (this.#settling.isSettled(name, seen, performance.now())) await this.#take(name, seen);
    }
  }

  async #take(name: string, seen: Seen): Promise<void> {
    const { folder, onRefused, log } = this.options;
    const path = join(folder, name);
    if (!(await this.#claimsToBePhoto(path))) {
      this.#settling.leaveAlone(name, seen);
      return;
    }
    const correlationId = newId();
    await withLogContext({ correlation_id: correlationId }, async () => {
      try {
        const accepted = await withSpan('edge accept', {}, () =>
          this.#accept(path, name, seen, correlationId),
        );
        log.info({ file: name, sha256: accepted.sha256, new: accepted.isNew }, 'accepted a file');
        await this.#moveAccepted(name, seen);
      } catch (error) {
        const known = error instanceof AppError ? error : new AppError('INTERNAL', String(error));
        onRefused(known.code);
        log.warn({ file: name, code: known.code, err: error }, 'refused a file');
        if (NOT_THE_PHOTOS_FAULT.has(known.code)) {
          this.#settling.postpone(name, performance.now() + RETRY_MS);
          return;
        }
        // The reason first: whoever sees the file gone finds it.
        const target = await this.#freeName(REFUSED, name);
        const problem = { ...toProblem(known, correlationId), file: name };
        await writeFile(`${target}.reason.json`, `${JSON.stringify(problem, null, 2)}\n`);
        await rename(path, target);
      }
    });
  }

  /** A file that cannot be moved is accepted all the same: taken again, it would be seen without end. */
  async #moveAccepted(name: string, seen: Seen): Promise<void> {
    const { folder, log } = this.options;
    try {
      await rename(join(folder, name), await this.#freeName(ACCEPTED, name));
    } catch (error) {
      log.error({ err: error, file: name }, 'an accepted file cannot be moved and stays');
      this.#settling.leaveAlone(name, seen);
    }
  }

  async #accept(path: string, name: string, seen: Seen, correlationId: string) {
    const { camera, intake } = this.options;
    return await intake.accept(chunksOf(path), seen.sizeBytes, () => ({
      camera,
      fileName: name,
      capturedAt: new Date(seen.modifiedMs).toISOString(),
      capturedAtSource: 'file',
      locationCode: null,
      expectedSha256: null,
      correlationId,
      traceparent: currentTraceparent() ?? null,
    }));
  }

  /** By its bytes, whatever the name says; or by its name, and then it is refused with a reason. */
  async #claimsToBePhoto(path: string): Promise<boolean> {
    if (PHOTO_EXTENSIONS.has(extname(path).toLowerCase())) return true;
    const head = await withFileSource(path, (source) => source.read(0, SNIFF_BYTES));
    return sniffFormat(head) !== undefined;
  }

  /** A path in a subfolder at which nothing stands yet. */
  async #freeName(subfolder: string, name: string): Promise<string> {
    const folder = join(this.options.folder, subfolder);
    await mkdir(folder, { recursive: true });
    const { name: stem, ext } = parse(name);
    for (let count = 0; ; count++) {
      const target = join(folder, count === 0 ? name : `${stem}-${count}${ext}`);
      if (!(await exists(target))) return target;
    }
  }
}

/** Faults of the camera's card or share are told apart from those of this box's own disk. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (cause) {
    throw new AppError('INTERNAL', 'The file cannot be read.', { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
