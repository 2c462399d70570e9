import { AppError } from '@demeter/common/errors';
import type { EyeAnswer, EyeRequest } from './photo-eye-worker.ts';

export interface Preview {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB, upright. */
  readonly data: Uint8Array;
}

export interface Look {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly longSideMax: number;
}

/** A tag search over a full frame takes a second, a large HEIC some: this is a hung decoder. */
const LOOK_MS = 30_000;

/**
 * One Worker that looks at photos, one at a time: what it does would block the event loop.
 * A look that hangs or takes the decoder down ends with an error, and the next gets a new Worker.
 */
export class PhotoEye {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #nextId = 0;

  /** Texts of the QR and Data Matrix codes in the photo. Throws UNDECODABLE_PHOTO. */
  async readTags(look: Look): Promise<readonly string[]> {
    const answer = await this.#look(look, 'tags');
    return answer.task === 'tags' ? answer.texts : [];
  }

  /** The upright photo, made smaller where it is larger. Throws UNDECODABLE_PHOTO. */
  async preview(look: Look): Promise<Preview> {
    const answer = await this.#look(look, 'preview');
    if (answer.task !== 'preview') throw undecodable(answer.task);
    return answer;
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #look(look: Look, task: EyeRequest['task']): Promise<EyeAnswer> {
    const turn = this.#last.then(() => this.#ask(look, task));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #ask({ bytes, mediaType, longSideMax }: Look, task: EyeRequest['task']) {
    this.#worker ??= new Worker(new URL('./photo-eye-worker.ts', import.meta.url).href);
    const worker = this.#worker;
    // Looking must not keep the process alive.
    worker.unref();
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<EyeAnswer>();
    const fail = (message: string) => {
      this.close();
      resolve({ id, task: 'failed', message });
    };
    const timer = setTimeout(() => fail('it took too long'), LOOK_MS);
    worker.onmessage = ({ data }: MessageEvent<EyeAnswer>) => {
      if (data.id === id) resolve(data);
    };
    worker.onerror = (event) => fail(event.message);
    const heic = mediaType === 'image/heic';
    // A copy is handed over, because the photo's bytes are still on their way to a server.
    const copy = new Uint8Array(bytes);
    const request: EyeRequest = { id, bytes: copy, heic, longSideMax, task };
    worker.postMessage(request, [copy.buffer]);
    const answer = await promise;
    clearTimeout(timer);
    if (answer.task === 'failed') throw undecodable(answer.message);
    return answer;
  }
}

function undecodable(message: string): AppError {
  return new AppError('UNDECODABLE_PHOTO', `The photo cannot be decoded: ${message}.`);
}
