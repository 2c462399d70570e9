import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { createLogger } from '@demeter/common/logger';
import { demeterV1, type ReprocessHandlers } from '@demeter/proto';
import { ChannelCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { AnnouncedServer } from '../mesh/registry.ts';
import { type RpcServer, startRpcServer } from './server.ts';

const TOKEN = 'a-token-of-at-least-32-characters!';

describe('Registry.Announce', () => {
  let server: RpcServer;
  const announced: AnnouncedServer[] = [];

  beforeAll(async () => {
    const { values } = parseConfig({
      DEMETER_CORE_GRPC_PORT: '0',
      DEMETER_GRPC_TOKEN: TOKEN,
      LOG_LEVEL: 'error',
    });
    const announce = async (given: AnnouncedServer) => void announced.push(given);
    server = await startRpcServer({
      values,
      log: createLogger('test', values),
      announce,
      authenticate: async () => null,
      reprocess: {} as ReprocessHandlers,
    });
  });
  afterAll(() => server.stop());

  const call = (address: string, token?: string) => {
    const client = new demeterV1.Registry(server.address, ChannelCredentials.createInsecure());
    const metadata = new Metadata();
    if (token) metadata.set('authorization', `Bearer ${token}`);
    const { promise, resolve } = Promise.withResolvers<ServiceError | number>();
    client.Announce({ address, report: { server_id: 's' } }, metadata, (error, answer) =>
      resolve(error ?? answer?.next_in_ms ?? 0),
    );
    return promise.finally(() => client.close());
  };

  test('takes a server that has the token, and says when to call again', async () => {
    expect(await call('gpu-1:9001', TOKEN)).toBe(2_000);
    expect(announced).toEqual([{ serverId: 's', address: 'gpu-1:9001' }]);
  });

  test.each([
    ['no token', 'gpu-1:9001', undefined, status.UNAUTHENTICATED],
    ['another token', 'gpu-1:9001', 'wrong', status.UNAUTHENTICATED],
    ['no address', '', TOKEN, status.INVALID_ARGUMENT],
    ['an address that is a URL', 'http://gpu-1/x', TOKEN, status.INVALID_ARGUMENT],
  ])('refuses %s', async (_, address, token, code) => {
    const before = announced.length;
    expect(await call(address, token)).toMatchObject({ code });
    expect(announced).toHaveLength(before);
  });
});
