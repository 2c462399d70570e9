/** For tests: a gRPC server with our limits, tokens and TLS in this process, and certificates. */
import { createLogger } from '@demeter/common/logger';
import { demeterV1, openInference } from '@demeter/proto';
import {
  type ChannelCredentials,
  type Client,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { readConfig } from '../config.ts';
import { addReflection } from './reflection.ts';
import { GrpcServer } from './server.ts';
import { unary } from './unary.ts';

/** How often files are looked at: tests do not want to wait. */
const RELOAD_MS = 20;

export interface RunningGrpc {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves two methods, one of each scope that matters: GetHealthReport and ModelInfer. */
export async function startGrpc(env: Readonly<Record<string, string>>): Promise<RunningGrpc> {
  const config = readConfig({ DEMETER_INFERENCE_PORT: '0', LOG_LEVEL: 'error', ...env });
  const grpc = new GrpcServer(config, createLogger('test', config.values), RELOAD_MS);
  grpc.server.addService(demeterV1.Mesh.service, {
    GetHealthReport: unary(() => ({ report: { server_id: 'test' } })),
  });
  grpc.server.addService(openInference.GRPCInferenceService.service, {
    ModelInfer: unary((request: { id: string }) => ({ id: request.id })),
    RepositoryModelLoad: unary(() => ({})),
  });
  addReflection(grpc.server, ['demeter.v1.Mesh', 'inference.GRPCInferenceService']);
  return { port: await grpc.bind(), close: () => grpc.close() };
}

/** The status of one call; 0 where it went well. */
export async function statusOf(
  address: string,
  credentials: ChannelCredentials,
  { method = 'GetHealthReport', request = {}, token = '' } = {},
): Promise<StatusObject> {
  const service =
    method === 'GetHealthReport' ? demeterV1.Mesh : openInference.GRPCInferenceService;
  const client: Client = new service(address, credentials, {
    'grpc.max_send_message_length': -1,
  });
  const metadata = new Metadata();
  if (token) metadata.set('authorization', `Bearer ${token}`);
  const { promise, resolve } = Promise.withResolvers<StatusObject>();
  const { path, requestSerialize, responseDeserialize } = service.service[method as never] as {
    path: string;
    requestSerialize: (value: object) => Buffer;
    responseDeserialize: (bytes: Buffer) => object;
  };
  client.makeUnaryRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    metadata,
    { deadline: Date.now() + 20_000 },
    (error: ServiceError | null) =>
      resolve(error ?? { code: 0, details: '', metadata: new Metadata() }),
  );
  return await promise.finally(() => client.close());
}
