import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { AppError } from '@demeter/common/errors';
import { tryLock } from '@demeter/common/file-lock';

/** A file of lines that one process at a time writes on. */
export class LinesFile {
  #bytes: number;

  private constructor(
    readonly path: string,
    private readonly descriptor: number,
  ) {
    this.#bytes = fstatSync(descriptor).size;
  }

  /** Creates it where it is missing. Throws CONFLICT where another process writes on it. */
  static open(path: string): LinesFile {
    const descriptor = openSync(path, 'a+', 0o644);
    if (tryLock(descriptor)) return new LinesFile(path, descriptor);
    closeSync(descriptor);
    throw new AppError('CONFLICT', `Another process writes ${path}.`, {
      hint: 'Wait for its end, or name another file.',
    });
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Forgets what stands behind the first `bytes`. */
  truncate(bytes: number): void {
    ftruncateSync(this.descriptor, bytes);
    this.#bytes = bytes;
  }

  append(value: unknown): void {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    for (let sent = 0; sent < line.length; ) sent += writeSync(this.descriptor, line, sent);
    this.#bytes += line.length;
  }

  /** Returns when all lines are on the disk. */
  sync(): void {
    fdatasyncSync(this.descriptor);
  }

  close(): void {
    this.sync();
    closeSync(this.descriptor);
  }
}
