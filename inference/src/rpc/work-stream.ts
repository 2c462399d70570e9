import { AppError, toAppError } from '@demeter/common/errors';
import { type Logger, withLogContext } from '@demeter/common/logger';
import { withSpan } from '@demeter/common/telemetry';
import type { Photo__Output, Result, WorkRequest__Output, WorkResponse } from '@demeter/proto';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Events } from '../events.ts';
import { isRetryable } from '../work/count-work.ts';
import type { PhotoQueue, QueuedPhoto } from '../work/photo-queue.ts';
import { orAborted, TIMER_MS_MAX } from './or-aborted.ts';
import { Pace } from './pace.ts';

export const PROTOCOL_VERSION = 1;
/** For a photo whose message names none. */
const DEADLINE_MS = 60_000;

export interface WorkStreamOptions {
  readonly serverId: string;
  readonly epoch: string;
  readonly credits: number;
  readonly queue: PhotoQueue;
  readonly events: Events;
  readonly log: Logger;
  readonly count: (
    photo: Photo__Output,
    receivedAt: number,
    signal: AbortSignal,
  ) => Promise<Result>;
}

/** A photo that is not answered yet. */
interface Open {
  readonly queued: QueuedPhoto;
  readonly abort: AbortController;
}

/**
 * One core's Work stream: greeting → working → draining → closed.
 *
 * greeting: waits for CoreHello. working: photos come in, at most `credits` unanswered; each is
 * answered by exactly one Result, Failure or HandBack, and gives its credit back. draining: Drain
 * was sent, or the core has ended its side; what is open is answered, what still comes is handed
 * back, since it was sent before the core had read of it. When the core has ended its side and all
 * is answered the stream ends. closed: the core is gone; its photos are dropped, because it leases
 * them again.
 */
export class WorkStream {
  readonly #open = new Map<string, Open>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #pace = new Pace();
  #state: 'greeting' | 'working' | 'draining' | 'closed' = 'greeting';
  /** The core sends nothing more. */
  #finished = false;

  constructor(
    private readonly call: ServerDuplexStream<WorkRequest__Output, WorkResponse>,
    private readonly options: WorkStreamOptions,
  ) {
    call.on('data', (request: WorkRequest__Output) => this.#receive(request));
    call.on('end', () => this.#finish());
    call.on('cancelled', () => this.close());
    call.on('error', () => this.close());
  }

  /** Resolves when all is answered and the core has ended its side, or is gone. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Asks the core to send nothing more, and to end its side when all is answered. */
  drain(deadlineMs: number): void {
    if (this.#state === 'greeting') this.close();
    if (this.#state === 'closed') return;
    this.#state = 'draining';
    this.#send({ drain: { deadline_ms: deadlineMs } });
    this.#endIfDone();
  }

  /** The core sends nothing more but still listens. */
  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'draining';
    this.#finished = true;
    this.#endIfDone();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const { abort, queued } of this.#open.values()) {
      this.options.queue.remove(queued);
      abort.abort(new AppError('CANCELLED', 'The core is gone.'));
    }
    this.#open.clear();
    this.call.end();
    this.#ended.resolve();
  }

  #receive(request: WorkRequest__Output): void {
    if (request.hello) this.#greet();
    else if (request.photo) this.#take(request.photo);
    else if (request.cancel) this.#cancel(request.cancel.work_id);
  }

  #greet(): void {
    if (this.#state !== 'greeting') return;
    const { serverId, epoch, credits } = this.options;
    this.#state = 'working';
    this.#send({ hello: { server_id: serverId, epoch, protocol_version: PROTOCOL_VERSION } });
    this.#send({ credit: { photos: credits } });
  }

  #take(photo: Photo__Output): void {
    const { queue, credits } = this.options;
    const id = photo.work_id;
    if (this.#open.has(id)) return;
    if (this.#state !== 'working') {
      this.#send({ hand_back: { work_id: id } });
      return;
    }
    if (this.#open.size >= credits) {
      const retryAfterSeconds = this.#pace.retryAfterSeconds(this.#open.size);
      const why = 'More photos than credits.';
      this.#fail(id, new AppError('TOO_MANY_REQUESTS', why, { retryAfterSeconds }));
      return;
    }
    const receivedAt = performance.now();
    const openThen = this.#open.size + 1;
    const abort = new AbortController();
    const deadline = setTimeout(
      () => abort.abort(new AppError('DEADLINE_EXCEEDED', 'The photo took too long.')),
      Math.min(photo.deadline_ms || DEADLINE_MS, TIMER_MS_MAX),
    );
    const finish = (answer: () => void) => {
      clearTimeout(deadline);
      if (this.#open.delete(id)) answer();
      if (this.#state === 'working') this.#send({ credit: { photos: 1 } });
      this.#endIfDone();
    };
    const queued: QueuedPhoto = {
      lane: photo.lane,
      run: () =>
        this.#run(photo, receivedAt, abort.signal, finish).finally(() =>
          this.#pace.answered(performance.now() - receivedAt, openThen),
        ),
      handBack: () => finish(() => this.#send({ hand_back: { work_id: id } })),
    };
    this.#open.set(id, { queued, abort });
    // A photo still waiting when it is withdrawn, or too late, is answered without its turn.
    abort.signal.addEventListener('abort', () => {
      // The timer would hold the photo's bytes until its time is up.
      clearTimeout(deadline);
      if (queue.remove(queued)) finish(() => this.#fail(id, toAppError(abort.signal.reason)));
    });
    queue.add(queued);
  }

  async #run(
    photo: Photo__Output,
    receivedAt: number,
    signal: AbortSignal,
    finish: (answer: () => void) => void,
  ): Promise<void> {
    const { log, events, count } = this.options;
    const attributes = { 'demeter.photo': photo.sha256.toString('hex') };
    const work = () =>
      withSpan('infer photo', { traceparent: photo.traceparent, attributes }, (span) =>
        orAborted(signal, count(photo, receivedAt, signal)).then((result) => {
          span.setAttributes({
            'demeter.detected': result.detections?.confidences?.length ?? 0,
            'demeter.tiles': result.tiles ?? 0,
          });
          return result;
        }),
      );
    await withLogContext({ correlation_id: photo.correlation_id }, async () => {
      try {
        const result = await work();
        events.photoCounted(result);
        const detected = result.detections?.confidences?.length;
        log.info({ ...attributes, detected, tiles: result.tiles }, 'photo counted');
        finish(() => this.#send({ result }));
      } catch (error) {
        finish(() => this.#fail(photo.work_id, error));
      }
    });
  }

  #cancel(id: string): void {
    this.#open.get(id)?.abort.abort(new AppError('CANCELLED', 'The core withdrew the photo.'));
  }

  #fail(workId: string, cause: unknown): void {
    const { code, message, retryAfterSeconds = 0 } = toAppError(cause);
    this.options.events.photoFailed(code);
    this.options.log.warn({ work_id: workId, code, err: cause }, 'photo failed');
    const retryable = isRetryable(code);
    const retry_after_ms = Math.ceil(retryAfterSeconds * 1000);
    this.#send({ failure: { work_id: workId, code, message, retryable, retry_after_ms } });
  }

  #send(message: WorkResponse): void {
    if (this.#state !== 'closed') this.call.write(message);
  }

  #endIfDone(): void {
    if (this.#finished && this.#open.size === 0) this.close();
  }
}
