import type { Certificates } from '@demeter/common/certificates';
import type { Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import {
  demeterV1,
  packageDefinition,
  type RegistryHandlers,
  type ReprocessHandlers,
} from '@demeter/proto';
import { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { ANNOUNCE_EVERY_MS, type AnnouncedServer } from '../mesh/registry.ts';
import { type Callers, callerInterceptor } from './callers.ts';
import { serverCredentials } from './credentials.ts';
import { messageLimitInterceptor, withSmallMessages } from './message-limit.ts';
import { toServiceError } from './service-error.ts';

/** Beside the photo in a message: names, options. */
const ENVELOPE_BYTES = 64 * 1024;
const STOP_MS = 2_000;
const SERVICES = ['', 'demeter.v1.Registry', 'demeter.v1.Reprocess'];

export interface RpcOptions {
  readonly values: Values;
  /** Undefined: without TLS. */
  readonly certificates?: Certificates | undefined;
  readonly log: Logger;
  readonly announce: (server: AnnouncedServer) => Promise<void>;
  readonly authenticate: Callers['authenticate'];
  readonly reprocess: ReprocessHandlers;
}

export interface RpcServer {
  /** host:port */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * The core's gRPC: Registry, Reprocess, health and reflection. Throws INVALID_SETTING for an open
 * bind.
 */
export async function startRpcServer(options: RpcOptions): Promise<RpcServer> {
  const { values, certificates, log, announce, authenticate, reprocess } = options;
  const server = new Server({
    // For photos in Process, of callers that are known; other messages have a smaller one.
    'grpc.max_receive_message_length': values.DEMETER_PHOTO_BYTES_MAX + ENVELOPE_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': 30_000,
    interceptors: [
      callerInterceptor({ token: values.DEMETER_GRPC_TOKEN, authenticate }),
      messageLimitInterceptor,
    ],
  });
  server.addService(withSmallMessages(demeterV1.Registry.service), registryHandlers(log, announce));
  server.addService(withSmallMessages(demeterV1.Reprocess.service, ['Process']), reprocess);
  const health = new HealthImplementation({});
  for (const service of SERVICES) health.setStatus(service, 'SERVING');
  health.addToServer(server);
  new ReflectionService(packageDefinition).addToServer(server);
  const credentials = serverCredentials(values, certificates);
  const host = values.DEMETER_CORE_GRPC_HOST;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`${bracketed}:${values.DEMETER_CORE_GRPC_PORT}`, credentials, (error, port) =>
    error ? reject(error) : resolve(port),
  );
  const port = await promise;
  return {
    address: `${bracketed}:${port}`,
    stop: async () => {
      for (const service of SERVICES) health.setStatus(service, 'NOT_SERVING');
      const { promise: stopped, resolve: end } = Promise.withResolvers<void>();
      // A watch of health never ends by itself.
      const late = setTimeout(() => server.forceShutdown(), STOP_MS);
      server.tryShutdown(() => end());
      await stopped;
      clearTimeout(late);
    },
  };
}

function registryHandlers(log: Logger, announce: RpcOptions['announce']): RegistryHandlers {
  return {
    Announce: (call, callback) => {
      const { address, report } = call.request;
      Promise.resolve()
        .then(async () => {
          if (!report?.server_id || !isAddress(address)) {
            throw new AppError('INVALID_INPUT', 'An announcement names server id and host:port.');
          }
          await announce({ serverId: report.server_id, address });
          callback(null, { next_in_ms: ANNOUNCE_EVERY_MS });
        })
        .catch((error: unknown) => {
          log.warn({ err: error, address }, 'announcement refused');
          callback(toServiceError(error));
        });
    },
  };
}

function isAddress(address: string): boolean {
  return /^[A-Za-z0-9.-]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/.test(address);
}
