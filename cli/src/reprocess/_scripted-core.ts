import { AppError, type ErrorCode } from '@demeter/common/errors';
import { sparePort } from '@demeter/common/spare-port';
import { demeterV1, type ReprocessHandlers } from '@demeter/proto';
import { ERROR_DETAILS_KEY, encodeErrorDetails } from '@demeter/proto/error-details';
import {
  ChannelCredentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { BulkClient } from './bulk-client.ts';

const NAMES = Object.keys(demeterV1.Reprocess.service).filter((name) => /^[A-Z]/.test(name));

/** A core that says what a test scripts; it may die and come back at its address. */
export class ScriptedCore {
  readonly port = sparePort();
  #server: Server | undefined;

  constructor(private readonly handlers: Partial<ReprocessHandlers>) {}

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    const server = new Server();
    const unscripted = (call: { emit(name: string, error: unknown): void }) =>
      call.emit('error', refusal('INTERNAL', 'not scripted'));
    const all = Object.fromEntries(NAMES.map((name) => [name, unscripted]));
    const scripted = { ...all, ...this.handlers } as UntypedServiceImplementation;
    server.addService(demeterV1.Reprocess.service, scripted);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.bindAsync(this.address, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
    await promise;
    this.#server = server;
    return this;
  }

  /** Every connection breaks at once. */
  die(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  client(options: { signal?: AbortSignal; say?: (line: string) => void; token?: string } = {}) {
    return new BulkClient({
      address: this.address,
      credentials: ChannelCredentials.createInsecure(),
      token: async () => options.token,
      patienceSeconds: 30,
      signal: options.signal ?? new AbortController().signal,
      say: options.say ?? (() => {}),
    });
  }
}

/** An error as the core sends it. */
export function refusal(code: ErrorCode, message: string): Partial<ServiceError> {
  const { grpcStatus, hint } = new AppError(code, message);
  const metadata = new Metadata();
  metadata.set(
    ERROR_DETAILS_KEY,
    encodeErrorDetails({ code: grpcStatus, message, reason: code, metadata: { hint } }),
  );
  return { code: grpcStatus, details: `${code}: ${message}`, metadata };
}
