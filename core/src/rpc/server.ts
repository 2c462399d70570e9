import { timingSafeEqual } from 'node:crypto';
import type { Values } from '@demeter/common/config';
import { AppError, toAppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { demeterV1, packageDefinition, type RegistryHandlers } from '@demeter/proto';
import { type Metadata, Server, type ServiceError } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { ANNOUNCE_EVERY_MS, type AnnouncedServer } from '../mesh/registry.ts';
import { serverCredentials } from './credentials.ts';

/** An announcement is a health report: far below this. */
const MESSAGE_BYTES_MAX = 1024 * 1024;
const STOP_MS = 2_000;
const SERVICES = ['', 'demeter.v1.Registry'];

export interface RpcOptions {
  readonly values: Values;
  readonly log: Logger;
  readonly announce: (server: AnnouncedServer) => Promise<void>;
}

export interface RpcServer {
  /** host:port */
  readonly address: string;
  stop(): Promise<void>;
}

/** The core's gRPC: Registry, health and reflection. Throws INVALID_SETTING for an open bind. */
export async function startRpcServer({ values, log, announce }: RpcOptions): Promise<RpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.keepalive_time_ms': 30_000,
  });
  const token = values.DEMETER_GRPC_TOKEN;
  server.addService(demeterV1.Registry.service, registryHandlers(token, log, announce));
  const health = new HealthImplementation({});
  for (const service of SERVICES) health.setStatus(service, 'SERVING');
  health.addToServer(server);
  new ReflectionService(packageDefinition).addToServer(server);
  const credentials = await serverCredentials(values);
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

function registryHandlers(
  token: string | undefined,
  log: Logger,
  announce: RpcOptions['announce'],
): RegistryHandlers {
  return {
    Announce: (call, callback) => {
      const { address, report } = call.request;
      Promise.resolve()
        .then(async () => {
          checkToken(token, call.metadata);
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

/** Throws UNAUTHENTICATED unless the caller sends the shared token, where there is one. */
function checkToken(token: string | undefined, metadata: Metadata): void {
  if (token === undefined) return;
  const given = String(metadata.get('authorization')[0] ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  const actual = Buffer.from(given);
  if (actual.length === expected.length && timingSafeEqual(actual, expected)) return;
  throw new AppError('UNAUTHENTICATED', 'The announcement carries no valid token.');
}

function isAddress(address: string): boolean {
  return /^[A-Za-z0-9.-]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/.test(address);
}

function toServiceError(error: unknown): Partial<ServiceError> {
  const shown = toAppError(error);
  return { code: shown.grpcStatus, details: `${shown.code}: ${shown.message}` };
}
