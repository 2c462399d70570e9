import { AppError, isErrorCode } from '@demeter/common/errors';
import {
  demeterV1,
  type ModelStatus__Output,
  type ModelsClient,
  type UploadHeader,
} from '@demeter/proto';
import { decodeErrorDetails, ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import { type ChannelCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';

/** A large model on a cold GPU: read, built, calibrated and run once. */
const LOAD_MS = 300_000;
const QUICK_MS = 30_000;
const UPLOAD_MS = 3_600_000;

export interface Dialled {
  /** host:port */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly token?: string | undefined;
}

/** A model version by its name in a server's repository. */
export interface ModelVersion {
  readonly name: string;
  readonly version: string;
}

/** Administers the models of one inference server. Every call throws AppError, with the server's code. */
export class ModelAdmin {
  readonly #client: ModelsClient;
  readonly #metadata = new Metadata();

  constructor({ address, credentials, token }: Dialled) {
    this.#client = new demeterV1.Models(address, credentials, {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_send_message_length': -1,
    });
    if (token !== undefined) this.#metadata.set('authorization', `Bearer ${token}`);
  }

  async load({ name, version }: ModelVersion, pin = false): Promise<ModelStatus__Output | null> {
    const answer = await this.#call<{ model: ModelStatus__Output | null }>(LOAD_MS, (...rest) =>
      this.#client.LoadModel({ name, version, pin }, ...rest),
    );
    return answer.model;
  }

  async unload({ name, version }: ModelVersion): Promise<void> {
    await this.#call(LOAD_MS, (...rest) => this.#client.UnloadModel({ name, version }, ...rest));
  }

  async pin({ name, version }: ModelVersion, pinned: boolean): Promise<void> {
    await this.#call(QUICK_MS, (...rest) =>
      this.#client.PinModel({ name, version, pinned }, ...rest),
    );
  }

  async remove({ name, version }: ModelVersion): Promise<void> {
    await this.#call(QUICK_MS, (...rest) => this.#client.RemoveModel({ name, version }, ...rest));
  }

  /** Streams a file; the server checks size, hash and shapes before anything is visible. */
  async upload(header: UploadHeader, file: AsyncIterable<Uint8Array>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const deadline = Date.now() + UPLOAD_MS;
    const call = this.#client.UploadModel(this.#metadata, { deadline }, (error) =>
      error ? reject(toAppError(error)) : resolve(),
    );
    call.on('error', () => {});
    let answered = false;
    promise.then(
      () => {
        answered = true;
      },
      () => {
        answered = true;
      },
    );
    call.write({ header });
    for await (const chunk of file) {
      // A server that refuses the header answers before the file is there.
      if (answered) break;
      if (!call.write({ chunk: Buffer.from(chunk) })) {
        await Promise.race([
          new Promise((flushed) => call.once('drain', flushed)),
          promise.catch(() => {}),
        ]);
      }
    }
    call.end();
    await promise;
  }

  close(): void {
    this.#client.close();
  }

  async #call<T>(ms: number, start: (...rest: CallRest<T>) => unknown): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    start(this.#metadata, { deadline: Date.now() + ms }, (error, answer) => {
      if (error || answer === undefined) reject(toAppError(error));
      else resolve(answer);
    });
    return await promise;
  }
}

type CallRest<T> = [
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, answer?: T) => void,
];

/** Our servers say `CODE: sentence`. */
function toAppError(error: ServiceError | null): AppError {
  const [, code = '', sentence = ''] = /^([A-Z_]+): (.*)$/s.exec(error?.details ?? '') ?? [];
  if (isErrorCode(code)) {
    const hint = hintOf(error);
    return new AppError(code, sentence, { cause: error, ...(hint ? { hint } : {}) });
  }
  if (error?.code === status.UNIMPLEMENTED) {
    return new AppError('MODEL_UNAVAILABLE', 'The server does not administer models.', {
      hint: 'It is of an earlier version.',
      cause: error,
    });
  }
  if (error?.code === status.DEADLINE_EXCEEDED) {
    return new AppError('DEADLINE_EXCEEDED', 'The server gave no answer in time.', {
      cause: error,
    });
  }
  return new AppError('MODEL_UNAVAILABLE', 'The server cannot be reached.', { cause: error });
}

/** What the server says is to be done about it. */
function hintOf(error: ServiceError | null): string | undefined {
  const [bytes] = error?.metadata?.get(ERROR_DETAILS_KEY) ?? [];
  return bytes instanceof Buffer ? decodeErrorDetails(bytes)?.metadata.hint : undefined;
}
