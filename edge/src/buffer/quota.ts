import { AppError } from '@demeter/common/errors';
import type { Disk } from './disk.ts';
import { REFUSE_SHARE } from './when-full.ts';

/** Left free for the journal and for the system, beyond the photo itself. */
const FREE_MARGIN_BYTES = 1024 * 1024;

/** Space that uploads under way have asked for, so that many at once cannot overrun the quota. */
export class Quota {
  #reserved = 0;

  constructor(
    private readonly folder: string,
    private readonly disk: Disk,
    private readonly quotaBytes: number,
    /** Bytes of all photos held on this disk. */
    private readonly usedBytes: () => number,
  ) {}

  /** Answers a release to be called once. Throws STORAGE_FULL. */
  async reserve(bytes: number): Promise<() => void> {
    if (this.usedBytes() + this.#reserved + bytes > this.quotaBytes * REFUSE_SHARE) {
      throw new AppError('STORAGE_FULL', 'The edge holds as much as it may.', {
        retryAfterSeconds: 60,
      });
    }
    // Before the disk is asked: others ask meanwhile.
    this.#reserved += bytes;
    let held = true;
    const release = () => {
      if (held) this.#reserved -= bytes;
      held = false;
    };
    try {
      const free = await this.disk.free(this.folder);
      if (free >= this.#reserved + FREE_MARGIN_BYTES) return release;
      // As the system would say it a little later: people are told of it.
      throw new AppError('STORAGE_FULL', 'The disk of the edge is full.', {
        retryAfterSeconds: 60,
        cause: Object.assign(new Error(`${free} bytes are free`), { code: 'ENOSPC' }),
      });
    } catch (error) {
      release();
      throw error;
    }
  }
}
