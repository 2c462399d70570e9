import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { Certificates } from '@demeter/common/certificates';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { InferenceConfig } from '../config.ts';
import { tokenInterceptor } from './auth.ts';
import { Tokens } from './tokens.ts';

/** Bytes in flight to this server; 64 KB, the default, means 3 MB/s at 20 ms round trip. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const CLOSE_MS = 1_000;
/** A photo's message holds little beside the photo. */
const MESSAGE_SLACK_BYTES = 64 * 1024;
/** Calls that one connection may have open. */
const STREAMS_MAX = 256;
/** Certificates and tokens that were replaced on disk are in use so much later. */
const RELOAD_MS = 10_000;

/** The gRPC server: our limits, keepalive, TLS, and the check of tokens on every call. */
export class GrpcServer {
  readonly server: Server;
  readonly certificates: Certificates | undefined;
  readonly #tokens: Tokens;
  readonly #reload: Timer;

  /** Throws INVALID_SETTING. */
  constructor(
    private readonly config: InferenceConfig,
    private readonly log: Logger,
    reloadMs = RELOAD_MS,
  ) {
    this.#tokens = new Tokens(config.token, config.tokensFile);
    this.certificates = config.tls && new Certificates(config.tls, log);
    const messageBytesMax = messageLimit(config);
    this.server = new Server({
      'grpc.max_receive_message_length': messageBytesMax,
      'grpc.max_send_message_length': messageBytesMax,
      'grpc.max_concurrent_streams': STREAMS_MAX,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 10_000,
      interceptors: [tokenInterceptor(this.#tokens)],
    });
    widenStreamWindow(this.server);
    this.#reload = setInterval(() => this.#readAgain(), reloadMs);
    this.#reload.unref();
  }

  /** Answers the port that was bound. Throws INVALID_SETTING where it cannot be. */
  async bind(): Promise<number> {
    const { host, grpcPort } = this.config;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const credentials = this.certificates?.forServer() ?? ServerCredentials.createInsecure();
    const address = `${host.includes(':') ? `[${host}]` : host}:${grpcPort}`;
    this.server.bindAsync(address, credentials, (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
    try {
      const port = await promise;
      widenConnectionWindow(this.server);
      return port;
    } catch (cause) {
      throw new AppError('INVALID_SETTING', `${host}:${grpcPort} cannot be bound.`, {
        field: 'DEMETER_INFERENCE_PORT',
        hint: 'Another process listens there, or the address is not of this machine.',
        cause,
      });
    }
  }

  /** Lets the last answers out, then ends what clients still hold open. */
  async close(): Promise<void> {
    clearInterval(this.#reload);
    const closed = new Promise<void>((resolve) => this.server.tryShutdown(() => resolve()));
    await Promise.race([closed, Bun.sleep(CLOSE_MS)]);
    this.server.forceShutdown();
  }

  #readAgain(): void {
    this.certificates?.refresh();
    try {
      this.#tokens.read();
    } catch (error) {
      this.log.warn({ err: error }, 'tokens stay as they were');
    }
  }
}

/** Bytes of one message in either direction. A photo always fits. */
function messageLimit({ values }: InferenceConfig): number {
  const photo = values.DEMETER_PHOTO_BYTES_MAX + MESSAGE_SLACK_BYTES;
  return Math.max(photo, values.DEMETER_GRPC_MESSAGE_BYTES_MAX);
}

/**
 * grpc-js gives its server no option for the window, so both halves are set on what it builds:
 * the settings that it hands to http2, and each session's own window.
 */
interface Internals {
  readonly commonServerOptions: { settings?: { initialWindowSize?: number } };
  readonly http2Servers: ReadonlyMap<Http2Server, unknown>;
}

function widenStreamWindow(server: Server): void {
  const { commonServerOptions } = server as unknown as Internals;
  commonServerOptions.settings = {
    ...commonServerOptions.settings,
    initialWindowSize: WINDOW_BYTES,
  };
}

function widenConnectionWindow(server: Server): void {
  for (const http2Server of (server as unknown as Internals).http2Servers.keys()) {
    http2Server.on('session', (session: ServerHttp2Session) => {
      session.setLocalWindowSize(WINDOW_BYTES);
    });
  }
}
