import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { systemClock } from '@demeter/common/clock';
import { errnoOf } from '@demeter/common/durable-files';
import { backoffMs } from '@demeter/common/retry';
import type { AnswerOf, BulkClient, ProcessCall, RequestOf } from './bulk-client.ts';
import { messages, write } from './calls.ts';
import { CoreError, toCoreError } from './core-error.ts';
import type { OwnLine } from './counted-file.ts';
import type { CountOptions } from './request-options.ts';
import { toFound } from './shapes.ts';

/** Results that the core may send before their lines are written. */
const RESULT_CREDITS = 32;
/** How often one photo is sent before its failure stands. */
const ATTEMPTS_MAX = 5;
const BACKOFF = { baseMs: 500, maxMs: 5_000 };

export interface ProcessOptions {
  readonly client: BulkClient;
  readonly count: CountOptions;
  readonly detections: boolean;
  /** Photos are kept by the core, as uploads. */
  readonly store: boolean;
  readonly files: AsyncIterator<string>;
  /** SHA-256 in hex of photos that need no answer. */
  readonly answered: ReadonlySet<string>;
  readonly photoBytesMax: number;
  /** Called once with what became of each photo. */
  readonly take: (line: OwnLine) => void;
  /** Called for each photo whose bytes were answered or sent before. */
  readonly skip: () => void;
}

interface Unsent {
  readonly file: string;
  /** Times that it was sent already. */
  readonly attempts: number;
  /** A moment for whatever refused it; none where its stream broke. */
  readonly pauseMs: number;
}

interface Sent extends Omit<Unsent, 'pauseMs'> {
  readonly sha256: string;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/**
 * Sends photos as the core's credits allow; a file is read when its credit is there, and its bytes
 * are not kept. Once `client` is stopped nothing more is sent, and what is under way is waited for.
 *
 * A photo is unread → sent → answered. A retryable failure and a broken stream put a sent one back
 * into `waiting`, which goes before the unread ones.
 */
export class ProcessStream {
  readonly #waiting: Unsent[] = [];
  readonly #sent = new Map<string, Sent>();
  readonly #known: Set<string>;
  #credits = 0;
  #resultsTaken = 0;
  #wake = Promise.withResolvers<void>();

  constructor(private readonly options: ProcessOptions) {
    this.#known = new Set(options.answered);
  }

  /** Ends when every photo has its answer. Throws CoreError. */
  async run(): Promise<void> {
    const { client } = this.options;
    const patience = client.patience();
    for (;;) {
      try {
        await this.#useStream(await client.process(), () => patience.answered());
        return;
      } catch (error) {
        const failure = toCoreError(error);
        const { code, message } = failure;
        const sent = [...this.#sent.values()];
        this.#sent.clear();
        if (failure.again) {
          for (const photo of sent) this.#failed(photo, { code, message, retryable: true }, 0);
        }
        await patience.failed(failure);
      }
    }
  }

  async #useStream(call: ProcessCall, onMessage: () => void): Promise<void> {
    this.#credits = 0;
    const over = new AbortController();
    const reading = this.#readAnswers(call, onMessage).finally(() => {
      over.abort();
      this.#notify();
    });
    const writing = this.#writePhotos(call, over.signal).catch((error: unknown) => {
      call.cancel();
      throw error;
    });
    // Both have ended before what was under way is looked at; what broke the stream says its reader.
    const [read, wrote] = await Promise.allSettled([reading, writing]);
    if (read.status === 'rejected') throw read.reason;
    if (wrote.status === 'rejected') throw wrote.reason;
    if (!wrote.value) throw new CoreError('DRAINING', 'The core ended the stream early.', '', true);
  }

  async #readAnswers(call: ProcessCall, onMessage: () => void): Promise<void> {
    for await (const message of messages(call, new AbortController().signal)) {
      onMessage();
      if (message.credit) this.#credits += message.credit.photos;
      if (message.result) this.#answered(message.result, call);
      if (message.failure) {
        const { reference, code, message: words, retryable } = message.failure;
        const photo = this.#settle(reference, call);
        const failure = { code, message: words, retryable };
        if (photo) this.#failed(photo, failure, backoffMs(photo.attempts, BACKOFF));
      }
      this.#notify();
    }
  }

  /** True when all photos were answered; false when the stream was over before. */
  async #writePhotos(call: ProcessCall, over: AbortSignal): Promise<boolean> {
    const ended = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()));
    // A write to a call that has ended may never be answered.
    const put = async (message: RequestOf<'Process'>) =>
      await Promise.race([write(call, message), ended]);
    await put({ options: this.options.count });
    await put({ credit: { photos: RESULT_CREDITS } });
    let next: Unsent | undefined;
    while (!over.aborted) {
      next ??= await this.#next();
      if (this.#stopped) next = undefined;
      if (!next && this.#sent.size === 0) {
        call.end();
        return true;
      }
      if (!next || this.#credits === 0) {
        // Its end may have come while a file was looked for.
        await Promise.race([this.#wake.promise, ended]);
        continue;
      }
      const photo = next;
      next = undefined;
      const content = await this.#read(photo);
      if (!content) continue;
      this.#credits--;
      const { detections, store } = this.options;
      await put({ photo: { reference: photo.file, content, detections, store } });
    }
    if (next) this.#waiting.push(next);
    return false;
  }

  async #next(): Promise<Unsent | undefined> {
    if (this.#stopped) return undefined;
    const again = this.#waiting.shift();
    if (again) {
      const { signal } = this.options.client.options;
      await systemClock.sleep(again.pauseMs, signal).catch(() => {});
      return again;
    }
    const { value, done } = await this.options.files.next();
    return done ? undefined : { file: value, attempts: 0, pauseMs: 0 };
  }

  /** The bytes of a photo that is now `sent`; undefined where there is nothing to send. */
  async #read({ file, attempts }: Unsent): Promise<Buffer | undefined> {
    const { photoBytesMax, take, skip } = this.options;
    const refuse = (code: string, message: string) =>
      take({ file, error: { code, message, retryable: false } });
    let content: Buffer;
    try {
      content = await readFile(file);
    } catch (error) {
      refuse(errnoOf(error) ?? 'FAILED', 'The file cannot be read.');
      return undefined;
    }
    const sha256 = createHash('sha256').update(content).digest('hex');
    if (attempts === 0 && this.#known.has(sha256)) {
      skip();
      return undefined;
    }
    this.#known.add(sha256);
    if (content.length === 0 || content.length > photoBytesMax) {
      if (content.length === 0) refuse('EMPTY_PHOTO', 'The file has no bytes.');
      else refuse('PHOTO_TOO_LARGE', `The file has ${content.length} of ${photoBytesMax} bytes.`);
      return undefined;
    }
    this.#sent.set(file, { file, sha256, attempts: attempts + 1 });
    return content;
  }

  #answered(result: NonNullable<AnswerOf<'Process'>['result']>, call: ProcessCall): void {
    const photo = this.#settle(result.reference, call);
    if (!photo) return;
    const { width, height, detected, counts, found } = result;
    const { file, sha256 } = photo;
    const objects = found && this.options.detections ? { found: toFound(found) } : {};
    this.options.take({ file, sha256, width, height, detected, counts, ...objects });
  }

  /** Takes an answer off the list, and lets the core send as many more. */
  #settle(reference: string, call: ProcessCall): Sent | undefined {
    const photo = this.#sent.get(reference);
    this.#sent.delete(reference);
    this.#resultsTaken++;
    if (this.#resultsTaken % (RESULT_CREDITS / 2) === 0) {
      call.write({ credit: { photos: RESULT_CREDITS / 2 } });
    }
    return photo;
  }

  #failed({ file, sha256, attempts }: Sent, error: Failure, pauseMs: number): void {
    if (error.retryable && attempts < ATTEMPTS_MAX && !this.#stopped) {
      this.#waiting.push({ file, attempts, pauseMs });
    } else {
      this.options.take({ file, sha256, error });
    }
  }

  get #stopped(): boolean {
    return this.options.client.options.signal.aborted;
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
