import { createReadStream, existsSync } from 'node:fs';
import { LinesFile } from './lines-file.ts';
import type { FoundObject } from './shapes.ts';

/** What became of one photo that the client holds. */
export type OwnLine = { readonly file: string } & (
  | {
      readonly sha256: string;
      readonly width: number;
      readonly height: number;
      readonly detected: number;
      readonly counts: Readonly<Record<string, number>>;
      readonly found?: readonly FoundObject[];
    }
  | {
      /** Absent where the file could not be read. */
      readonly sha256?: string;
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly retryable: boolean;
      };
    }
);

const SYNC_EVERY_MS = 1_000;
const NEWLINE = 10;

/**
 * Lines of photos in a file. Opened again it says which photos have an answer that stands; a line
 * that a crash tore is taken away. Throws CONFLICT where another process writes on it.
 */
export class CountedFile {
  #syncedAt = performance.now();

  private constructor(
    private readonly file: LinesFile,
    /** SHA-256 in hex. */
    readonly answered: ReadonlySet<string>,
  ) {}

  static async open(path: string): Promise<CountedFile> {
    const file = LinesFile.open(path);
    try {
      const answered = new Set<string>();
      const whole = await readLines(path, (line) => {
        const { sha256, ...rest } = JSON.parse(line) as OwnLine;
        const again = 'error' in rest && rest.error.retryable;
        if (sha256 !== undefined && !again) answered.add(sha256);
      });
      file.truncate(whole);
      return new CountedFile(file, answered);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  append(line: OwnLine): void {
    this.file.append(line);
    const now = performance.now();
    if (now - this.#syncedAt < SYNC_EVERY_MS) return;
    this.file.sync();
    this.#syncedAt = now;
  }

  close(): void {
    this.file.close();
  }
}

/** Calls `take` for each whole line; answers the bytes up to the end of the last one. */
async function readLines(path: string, take: (line: string) => void): Promise<number> {
  if (!existsSync(path)) return 0;
  let whole = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, from)) {
      take(rest.toString('utf8', from, end));
      from = end + 1;
    }
    whole += from;
    rest = rest.subarray(from);
  }
  return whole;
}
