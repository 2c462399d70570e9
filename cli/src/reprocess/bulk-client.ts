import { type Clock, systemClock } from '@demeter/common/clock';
import { demeterV1, type ReprocessDefinition } from '@demeter/proto';
import { type ChannelCredentials, Client, type ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import { cancelledBy, messages, write } from './calls.ts';
import { toCoreError } from './core-error.ts';
import { Patience } from './patience.ts';

type UnaryName =
  | ('Plan' | 'Start' | 'Get' | 'List' | 'Pause')
  | ('Resume' | 'Cancel' | 'Promote' | 'Discard');
type StreamName = 'Watch' | 'Results' | 'Compare';
type Name = UnaryName | StreamName | 'PlanPhotos' | 'Process';
/** How one method's messages become bytes. */
interface Method<Request, Answer> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Answer;
}
export type RequestOf<N extends Name> =
  ReprocessDefinition[N] extends Method<infer Request, infer _> ? Request : never;
export type AnswerOf<N extends Name> =
  ReprocessDefinition[N] extends Method<infer _, infer Answer> ? Answer : never;
export type ProcessCall = ClientDuplexStream<RequestOf<'Process'>, AnswerOf<'Process'>>;

/** All answer at once, but Promote: that answers when the last photo is promoted. */
const DEADLINE_MS = 120_000;
/** A plan looks at each photo; the core counts very many of them in parts, each in its own time. */
const PLAN_DEADLINE_MS = 600_000;
const MESSAGE_BYTES_MAX = 128 * 1024 * 1024;
const CHANNEL = {
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  // A core that hangs is noticed, though a stream may be silent for hours.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
};

export interface BulkClientOptions {
  /** host:port */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  /** Asked before each call, so that it may be renewed. */
  readonly token: () => Promise<string | undefined>;
  /** How long the core may be away. */
  readonly patienceSeconds: number;
  readonly clock?: Clock;
  /** Ends every call but Process, whose photos under way are waited for. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** `demeter.v1.Reprocess` with promises; calls are made again while the core is away. */
export class BulkClient {
  readonly #client: Client;

  constructor(readonly options: BulkClientOptions) {
    this.#client = new Client(options.address, options.credentials, CHANNEL);
  }

  close(): void {
    this.#client.close();
  }

  patience(): Patience {
    const { patienceSeconds: seconds, clock = systemClock, signal, say } = this.options;
    return new Patience({ seconds, clock, signal, say });
  }

  /** A call of the service made twice has the effect of one. Throws CoreError. */
  async ask<N extends UnaryName>(name: N, request: RequestOf<N>): Promise<AnswerOf<N>> {
    const { path, requestSerialize, responseDeserialize } = method(name);
    const patience = this.patience();
    for (;;) {
      try {
        const metadata = await this.#metadata();
        const { promise, resolve, reject } = Promise.withResolvers<AnswerOf<N>>();
        const call = this.#client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          deadlineOf(name),
          (error, answer) => (error ? reject(error) : resolve(answer!)),
        );
        return await cancelledBy(this.options.signal, call, promise);
      } catch (error) {
        await patience.failed(toCoreError(error));
      }
    }
  }

  /**
   * What the server streams. A stream that breaks is opened again with what `request` says then,
   * after the last message was used; `request` answers undefined where it cannot go on.
   * Throws CoreError.
   */
  async *follow<N extends StreamName>(
    name: N,
    request: () => RequestOf<N> | undefined,
  ): AsyncGenerator<AnswerOf<N>> {
    const { path, requestSerialize, responseDeserialize } = method(name);
    const patience = this.patience();
    let next = request();
    while (next !== undefined) {
      try {
        const call = this.#client.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          next,
          await this.#metadata(),
        );
        for await (const message of messages(call, this.options.signal)) {
          patience.answered();
          yield message;
        }
        return;
      } catch (error) {
        const failure = toCoreError(error);
        next = request();
        if (next === undefined) throw failure;
        await patience.failed(failure);
      }
    }
  }

  /** Streams hashes up, once: they may come from a pipe. Throws CoreError. */
  async planPhotos(
    requests: AsyncIterable<RequestOf<'PlanPhotos'>>,
  ): Promise<AnswerOf<'PlanPhotos'>> {
    const { path, requestSerialize, responseDeserialize } = method('PlanPhotos');
    const { promise: answer, resolve, reject } = Promise.withResolvers<AnswerOf<'PlanPhotos'>>();
    const call = this.#client.makeClientStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      await this.#metadata(),
      (error, message) => (error ? reject(error) : resolve(message!)),
    );
    const writeAll = async () => {
      for await (const request of requests) await write(call, request);
      call.end();
    };
    try {
      // An early refusal ends the sending: a write to a call that has ended is never answered.
      const sent = Promise.race([writeAll(), answer]).then(() => answer);
      return await cancelledBy(this.options.signal, call, sent);
    } catch (error) {
      call.cancel();
      throw toCoreError(error);
    }
  }

  async process(): Promise<ProcessCall> {
    const { path, requestSerialize, responseDeserialize } = method('Process');
    const metadata = await this.#metadata();
    return this.#client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadata,
    );
  }

  async #metadata(): Promise<Metadata> {
    const metadata = new Metadata();
    const token = await this.options.token();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    return metadata;
  }
}

function method<N extends Name>(name: N): Method<RequestOf<N>, AnswerOf<N>> {
  return demeterV1.Reprocess.service[name] as unknown as Method<RequestOf<N>, AnswerOf<N>>;
}

function deadlineOf(name: UnaryName): { readonly deadline?: number } {
  if (name === 'Promote') return {};
  return { deadline: Date.now() + (name === 'Plan' ? PLAN_DEADLINE_MS : DEADLINE_MS) };
}
