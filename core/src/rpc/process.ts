import { once } from 'node:events';
import { AppError } from '@demeter/common/errors';
import type {
  OwnPhoto__Output,
  ReprocessOptions__Output,
  ReprocessProcessRequest__Output,
  ReprocessProcessResponse,
} from '@demeter/proto';
import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { errorOf } from '../http/error-response.ts';
import type { PipelineDefinition } from '../pipelines/pipeline.ts';
import type { ReprocessContext } from '../reprocess/context.ts';
import type { OwnCount, OwnPhotos, OwnStream } from '../reprocess/own-photos.ts';
import { callerOf } from './callers.ts';
import { ClientCredit } from './client-credit.ts';
import { toServiceError } from './service-error.ts';

/** Photos of one stream that we hold at once: some under way, the next ones at hand. */
const PHOTOS_HELD = 8;

type Call = ServerDuplexStream<ReprocessProcessRequest__Output, ReprocessProcessResponse>;

export interface ProcessOptions {
  readonly own: OwnPhotos;
  /** Throws INVALID_INPUT, MODEL_UNAVAILABLE, NO_PIPELINE. */
  readonly choose: (options: ReprocessOptions__Output) => Promise<PipelineDefinition>;
  readonly keep: ReprocessContext['keep'];
  readonly stopping: AbortSignal;
}

/**
 * Photos in, counts out. We grant a credit for each photo that we can hold, and one more for each
 * answer that the client has taken; so memory is bounded whoever is slow.
 */
export function processHandler(
  options: ProcessOptions,
): handleBidiStreamingCall<ReprocessProcessRequest__Output, ReprocessProcessResponse> {
  return (call) => {
    const session = new ProcessSession(call, options);
    // One after the other: the options are chosen before the first photo is looked at.
    let last = Promise.resolve();
    const then = (work: () => Promise<void> | void) => {
      last = last.then(work).catch((error: unknown) => session.refuse(error));
    };
    call.on('data', (request: ReprocessProcessRequest__Output) => {
      // Read on when it is taken: what is sent without credit waits in the connection, not here.
      call.pause();
      then(async () => {
        await session.receive(request);
        call.resume();
      });
    });
    call.once('end', () => then(() => session.finish()));
    call.once('cancelled', () => session.close());
    call.on('error', () => session.close());
    const onStop = () =>
      session.refuse(new AppError('DRAINING', 'This core stops; go on with another.'));
    options.stopping.addEventListener('abort', onStop, { once: true });
    call.once('close', () => options.stopping.removeEventListener('abort', onStop));
  };
}

class ProcessSession {
  readonly #gone = new AbortController();
  readonly #credit = new ClientCredit();
  readonly #underWay = new Set<Promise<void>>();
  #stream: OwnStream | undefined;

  constructor(
    private readonly call: Call,
    private readonly options: ProcessOptions,
  ) {}

  async receive({ options, photo, credit }: ReprocessProcessRequest__Output): Promise<void> {
    if (this.#gone.signal.aborted) return;
    if (!this.#stream) {
      if (!options) throw new AppError('INVALID_INPUT', 'The options come first.');
      this.#stream = this.options.own.open(await this.options.choose(options));
      if (this.#gone.signal.aborted) return this.#stream.close();
      this.call.write({ credit: { photos: PHOTOS_HELD } });
    } else if (credit) {
      this.#credit.add(credit.photos);
    } else if (photo) {
      this.#take(photo, this.#stream);
    } else {
      throw new AppError('INVALID_INPUT', 'The options come once; then photos and credits.');
    }
  }

  /** Waits for what is under way, then ends. */
  async finish(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    if (this.#gone.signal.aborted) return;
    this.close();
    this.call.end();
  }

  refuse(error: unknown): void {
    if (this.#gone.signal.aborted) return;
    this.close();
    this.call.pause();
    this.call.emit('error', toServiceError(error));
  }

  close(): void {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort(new AppError('CANCELLED', 'The client is gone.'));
    this.#stream?.close();
  }

  #take(photo: OwnPhoto__Output, stream: OwnStream): void {
    if (this.#underWay.size >= PHOTOS_HELD) {
      throw new AppError('TOO_MANY_REQUESTS', 'More photos than there were credits for.');
    }
    const done = this.#answer(photo, stream)
      .catch((error: unknown) => this.refuse(error))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  async #answer(photo: OwnPhoto__Output, stream: OwnStream): Promise<void> {
    const { signal } = this.#gone;
    const message = await this.#count(photo, stream).then(
      (counted) => toResult(photo, counted),
      (error: unknown) => toFailure(photo, error),
    );
    if (signal.aborted) return;
    await this.#credit.take(signal);
    if (!this.call.write(message)) await once(this.call, 'drain', { signal });
    this.call.write({ credit: { photos: 1 } });
  }

  async #count(photo: OwnPhoto__Output, stream: OwnStream): Promise<OwnCount> {
    const counted = await stream.count(photo.content);
    if (photo.store) await this.options.keep(photo, callerOf(this.call));
    return counted;
  }
}

function toResult(
  { reference, detections }: OwnPhoto__Output,
  { sha256, result, count }: OwnCount,
): ReprocessProcessResponse {
  const { width, height } = result;
  const { detected, counts } = count;
  const found = detections ? { found: result.detections } : {};
  return {
    result: { reference, sha256, width, height, detected, counts: { ...counts }, ...found },
  };
}

function toFailure({ reference }: OwnPhoto__Output, error: unknown): ReprocessProcessResponse {
  const { code, message, httpStatus } = errorOf(error);
  return { failure: { reference, code, message, retryable: httpStatus >= 500 } };
}
