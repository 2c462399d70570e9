import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '@demeter/common/durable-files';
import { AppError } from '@demeter/common/errors';
import { LinesFile } from './lines-file.ts';

/** Least time between two cursors: each costs flushes of the disk. */
const KEEP_EVERY_MS = 1_000;

/** What a file of results holds. */
export interface Contents {
  readonly reprocessing_id: string;
  readonly detections: boolean;
}

/** What stands in `FILE.cursor`. */
interface Kept extends Contents {
  /** Empty: nothing yet. */
  readonly cursor: string;
  /** Length of the file up to and with the cursor's line. */
  readonly bytes: number;
  readonly lines: number;
}

/**
 * Results of one reprocessing in a file, with a cursor beside it that is written when the lines it
 * stands for are on the disk. However the process ended, lines behind the cursor are taken away and
 * asked for again: no gap, no repetition.
 */
export class ResultsFile {
  #cursor: string;
  #lines: number;
  #keptBytes: number;
  #keptAt = performance.now();

  private constructor(
    private readonly file: LinesFile,
    private readonly contents: Contents,
    kept: Kept,
  ) {
    this.#cursor = kept.cursor;
    this.#lines = kept.lines;
    this.#keptBytes = kept.bytes;
  }

  /** Throws ALREADY_EXISTS where the file holds something else, CONFLICT where it is in use. */
  static async open(path: string, contents: Contents): Promise<ResultsFile> {
    const file = LinesFile.open(path);
    try {
      const found = readKept(cursorPath(path));
      const kept = found ?? { ...contents, cursor: '', bytes: 0, lines: 0 };
      const same =
        kept.reprocessing_id === contents.reprocessing_id &&
        kept.detections === contents.detections;
      if (!same || file.bytes < kept.bytes || (!found && file.bytes > 0)) {
        throw new AppError('ALREADY_EXISTS', `${path} holds something else.`, {
          hint: `Name another file, or remove ${path} and ${cursorPath(path)}.`,
        });
      }
      file.truncate(kept.bytes);
      const results = new ResultsFile(file, contents, kept);
      // From now on the file is known as this reprocessing's, lines without a cursor included.
      if (!found) await results.keep();
      return results;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** From where to go on; empty: from the start. */
  get cursor(): string {
    return this.#cursor;
  }

  get lines(): number {
    return this.#lines;
  }

  async append(line: { readonly cursor: string }): Promise<void> {
    this.file.append(line);
    this.#cursor = line.cursor;
    this.#lines++;
    if (performance.now() - this.#keptAt >= KEEP_EVERY_MS) await this.keep();
  }

  /** Makes the lines durable, then the cursor: written aside, flushed, renamed, its name flushed. */
  async keep(): Promise<void> {
    this.file.sync();
    const { bytes } = this.file;
    const kept: Kept = { ...this.contents, cursor: this.#cursor, bytes, lines: this.#lines };
    const path = cursorPath(this.file.path);
    const descriptor = openSync(`${path}.new`, 'w');
    writeSync(descriptor, `${JSON.stringify(kept)}\n`);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(`${path}.new`, path);
    await syncFolder(dirname(path));
    this.#keptBytes = kept.bytes;
    this.#keptAt = performance.now();
  }

  async close(): Promise<void> {
    if (this.#keptBytes !== this.file.bytes) await this.keep();
    this.file.close();
  }
}

function cursorPath(path: string): string {
  return `${path}.cursor`;
}

function readKept(path: string): Kept | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Kept;
  } catch (cause) {
    throw new AppError('CONFLICT', `${path} is no cursor of this command.`, {
      hint: 'Remove it and the file beside it, to begin again.',
      cause,
    });
  }
}
