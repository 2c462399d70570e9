import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority, makeCertificate, openssl, replace } from '@demeter/common/_certificates';
import { codeOf } from '@demeter/common/_grpc';
import { parseConfig } from '@demeter/common/config';
import { createLogger } from '@demeter/common/logger';
import { demeterV1, type ReprocessHandlers } from '@demeter/proto';
import { ChannelCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { AnnouncedServer } from '../mesh/registry.ts';
import { openCertificates } from './credentials.ts';
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

test.skipIf(!openssl)('a renewed certificate is shown to who connects next', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-core-tls-'));
  const file = (name: string) => join(folder, name);
  for (const name of ['one', 'two']) {
    makeAuthority(folder, name);
    makeCertificate(folder, { name: `of-${name}`, authority: name });
  }
  const put = (name: string) => {
    replace(folder, 'own.key', `of-${name}.key`);
    replace(folder, 'own.pem', `of-${name}.pem`);
  };
  put('one');
  const { values } = parseConfig({
    DEMETER_CORE_GRPC_PORT: '0',
    DEMETER_GRPC_TLS_CERT: file('own.pem'),
    DEMETER_GRPC_TLS_KEY: file('own.key'),
    LOG_LEVEL: 'error',
  });
  const log = createLogger('test', values);
  const certificates = openCertificates(values, log);
  const server = await startRpcServer({
    ...{ values, certificates, log, announce: async () => {}, authenticate: async () => null },
    reprocess: {} as ReprocessHandlers,
  });
  const address = `localhost:${server.address.split(':')[1]}`;
  /** UNIMPLEMENTED by the server itself, or UNAVAILABLE since its certificate is a stranger's. */
  const codes = async () =>
    await Promise.all(
      ['one', 'two'].map((name) =>
        codeOf(address, ChannelCredentials.createSsl(readFileSync(file(`${name}.pem`)))),
      ),
    );
  expect(await codes()).toEqual([status.UNIMPLEMENTED, status.UNAVAILABLE]);
  put('two');
  certificates?.refresh();
  expect(await codes()).toEqual([status.UNAVAILABLE, status.UNIMPLEMENTED]);
  await server.stop();
  rmSync(folder, { recursive: true });
});
