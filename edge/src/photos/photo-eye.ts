import { AppError } from '@demeter/common/errors';
import { KeyedLock } from '../buffer/keyed-lock.ts';
import { type JudgeProcess, JudgeUnavailable, JudgeUndecodable } from '../judge/judge-process.ts';

const PREVIEW_LONG_SIDE_PX = 480;
/** Previews kept in memory: about 300 of them. */
const CACHE_BYTES = 8 * 1024 * 1024;
/** Looks that wait; a page shows some dozen photos. */
const WAITING_MAX = 64;
/** The process is ended after so long without a look, so that a box nobody looks at spares it. */
const IDLE_MS = 60_000;

/**
 * Looks at photos for the page: small pictures of them, and the codes of tags. Decoding happens in
 * a judge process of its own, one photo at a time, so that no verdict waits for somebody who
 * scrolls.
 */
export class PhotoEye {
  readonly #queue = new KeyedLock();
  readonly #cache = new Map<string, Uint8Array>();
  #cachedBytes = 0;
  #waiting = 0;
  #stopped = false;
  #idle: Timer | undefined;

  constructor(private readonly process: JudgeProcess) {}

  /** A small WebP of the photo at `path`. Throws UNDECODABLE_PHOTO, TOO_MANY_REQUESTS, DRAINING. */
  async preview(sha256: string, path: string, mediaType: string): Promise<Uint8Array> {
    const known = this.#cache.get(sha256);
    if (known) return known;
    const webp = await this.#look(async () => {
      // Asked for twice at the same time.
      const meanwhile = this.#cache.get(sha256);
      return meanwhile ?? (await this.process.preview({ path, mediaType }, PREVIEW_LONG_SIDE_PX));
    });
    this.#remember(sha256, webp);
    return webp;
  }

  /** Texts of the codes in the photo at `path`. Throws UNDECODABLE_PHOTO, TOO_MANY_REQUESTS, DRAINING. */
  async tags(path: string, mediaType: string): Promise<readonly string[]> {
    return await this.#look(() => this.process.tags({ path, mediaType }));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#idle);
    this.process.stop();
  }

  async #look<T>(act: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) throw notNow('Too many photos are being looked at.');
    this.#waiting++;
    clearTimeout(this.#idle);
    try {
      return await this.#queue.with('process', () => {
        if (this.#stopped) throw new AppError('DRAINING', 'The edge is stopping.');
        return act();
      });
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (error instanceof JudgeUnavailable) throw notNow('Nothing can look at photos now.');
      const message = 'The photo cannot be opened here.';
      // A crash, too: the judge's own verdict decides what becomes of the photo.
      const cause = error instanceof JudgeUndecodable ? undefined : error;
      throw new AppError('UNDECODABLE_PHOTO', message, { cause });
    } finally {
      this.#waiting--;
      if (this.#waiting === 0 && !this.#stopped) {
        this.#idle = setTimeout(() => this.process.stop(), IDLE_MS).unref();
      }
    }
  }

  /** Keeps it; those made longest ago go. */
  #remember(sha256: string, webp: Uint8Array): void {
    if (this.#cache.has(sha256)) return;
    this.#cache.set(sha256, webp);
    this.#cachedBytes += webp.length;
    for (const [oldest, { length }] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES) break;
      this.#cache.delete(oldest);
      this.#cachedBytes -= length;
    }
  }
}

function notNow(message: string): AppError {
  return new AppError('TOO_MANY_REQUESTS', message, { retryAfterSeconds: 2 });
}
