import { readFileSync } from 'node:fs';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { AppError } from '@demeter/common/errors';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { InferenceConfig, TlsFiles } from '../config.ts';
import { tokenInterceptor } from './auth.ts';

/** Bytes in flight to this server; 64 KB, the default, means 3 MB/s at 20 ms round trip. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const CLOSE_MS = 1_000;
/** A photo's message holds little beside the photo. */
const MESSAGE_SLACK_BYTES = 64 * 1024;

/** A gRPC server with our limits, keepalive and, where a token is set, its check on every call. */
export function createGrpcServer(config: InferenceConfig): Server {
  const server = new Server({
    'grpc.max_receive_message_length': config.values.DEMETER_PHOTO_BYTES_MAX + MESSAGE_SLACK_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 10_000,
    interceptors: config.token === undefined ? [] : [tokenInterceptor(config.token)],
  });
  widenStreamWindow(server);
  return server;
}

/** Answers the port that was bound. Throws INVALID_SETTING where it cannot be. */
export async function bindGrpcServer(server: Server, config: InferenceConfig): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  server.bindAsync(`${host}:${config.grpcPort}`, credentials(config.tls), (error, port) => {
    if (error) reject(error);
    else resolve(port);
  });
  try {
    const port = await promise;
    widenConnectionWindow(server);
    return port;
  } catch (cause) {
    throw new AppError('INVALID_SETTING', `${host}:${config.grpcPort} cannot be bound.`, {
      field: 'DEMETER_INFERENCE_PORT',
      hint: 'Another process listens there, or the address is not of this machine.',
      cause,
    });
  }
}

/** Lets the last answers out, then ends what clients still hold open. */
export async function closeGrpcServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  await Promise.race([closed, Bun.sleep(CLOSE_MS)]);
  server.forceShutdown();
}

function credentials(tls: TlsFiles | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const ca = tls.ca === undefined ? null : readFileSync(tls.ca);
  const pair = { cert_chain: readFileSync(tls.cert), private_key: readFileSync(tls.key) };
  return ServerCredentials.createSsl(ca, [pair], ca !== null);
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
