/** For tests: a gRPC server that answers what it is asked, and one call to it. */
import {
  type ChannelCredentials,
  Client,
  Server,
  type ServerCredentials,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';

const asIs = (bytes: Buffer): Buffer => bytes;
const CALL = {
  path: '/test.Echo/Call',
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
} as const;

export async function serveEcho(credentials: ServerCredentials): Promise<[Server, string]> {
  const server = new Server();
  const Call = ({ request }: { request: Buffer }, answer: sendUnaryData<Buffer>) =>
    answer(null, request);
  server.addService({ Call: CALL }, { Call });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
    error ? reject(error) : resolve(port),
  );
  return [server, `localhost:${await promise}`];
}

/** The status of one call over a connection of its own. */
export async function codeOf(address: string, credentials: ChannelCredentials): Promise<status> {
  const client = connect(address, credentials);
  return await call(client).finally(() => client.close());
}

/** Shares its connection with no other client, and soon connects again. */
export function connect(address: string, credentials: ChannelCredentials): Client {
  return new Client(address, credentials, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
  });
}

/** The status of one call; a call that nobody answers ends with its test. */
export async function call(client: Client): Promise<status> {
  const { promise, resolve } = Promise.withResolvers<status>();
  client.makeUnaryRequest(CALL.path, asIs, asIs, Buffer.from('hello'), (error) =>
    resolve(error?.code ?? status.OK),
  );
  return await promise;
}
