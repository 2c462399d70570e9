import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority, makeCertificate, openssl, replace } from '@demeter/common/_certificates';
import { ChannelCredentials, status } from '@grpc/grpc-js';
import { startServer, temporaryFolder } from '../_testing.ts';
import { type RunningGrpc, startGrpc, statusOf } from './_grpc.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

describe.skipIf(!openssl)('TLS', () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, name);
  const settings = {
    DEMETER_GRPC_TLS_CERT: file('served.pem'),
    DEMETER_GRPC_TLS_KEY: file('served.key'),
  };
  const mutual = { ...settings, DEMETER_GRPC_TLS_CA: file('peers.pem') };
  /** A client that trusts `authority`, with the certificate `name` where it shows one. */
  const client = (authority: string, name?: string) =>
    ChannelCredentials.createSsl(
      readFileSync(file(`${authority}.pem`)),
      ...(name ? [readFileSync(file(`${name}.key`)), readFileSync(file(`${name}.pem`))] : []),
    );
  const serve = (name: string) => {
    replace(folder, 'served.key', `${name}.key`);
    replace(folder, 'served.pem', `${name}.pem`);
  };
  const code = async ({ port }: RunningGrpc, credentials: ChannelCredentials) =>
    (await statusOf(`localhost:${port}`, credentials)).code;
  /** Until the server has read what was put in place of its files. */
  const until = async (expected: number, server: RunningGrpc, credentials: ChannelCredentials) => {
    while ((await code(server, credentials)) !== expected) await Bun.sleep(20);
  };

  beforeAll(() => {
    makeAuthority(folder, 'one');
    makeAuthority(folder, 'two');
    makeCertificate(folder, { name: 'of-one', authority: 'one' });
    makeCertificate(folder, { name: 'of-two', authority: 'two' });
    makeCertificate(folder, { name: 'expired', authority: 'one', days: -1 });
  });

  test('an expired certificate is refused by clients, and renewed while the server runs', async () => {
    serve('expired');
    const server = await startGrpc(settings);
    expect(await code(server, client('one'))).toBe(status.UNAVAILABLE);
    serve('of-one');
    await until(status.OK, server, client('one'));
    expect(await code(server, client('two'))).toBe(status.UNAVAILABLE);
    await server.close();
  });

  test('a key without its certificate changes nothing until they fit', async () => {
    serve('of-one');
    const server = await startGrpc(settings);
    replace(folder, 'served.key', 'of-two.key');
    for (let reads = 0; reads < 10; reads++) {
      expect(await code(server, client('one'))).toBe(status.OK);
    }
    replace(folder, 'served.pem', 'of-two.pem');
    await until(status.OK, server, client('two'));
    await server.close();
  });

  describe('mutual', () => {
    let server: RunningGrpc;
    beforeAll(async () => {
      serve('of-one');
      replace(folder, 'peers.pem', 'one.pem');
      server = await startGrpc(mutual);
    });
    afterAll(() => server.close());

    test('refuses clients without a certificate, with a stranger’s and with an expired one', async () => {
      expect(await code(server, client('one', 'of-one'))).toBe(status.OK);
      expect(await code(server, client('one'))).toBe(status.UNAVAILABLE);
      expect(await code(server, client('one', 'of-two'))).toBe(status.UNAVAILABLE);
      expect(await code(server, client('one', 'expired'))).toBe(status.UNAVAILABLE);
    });

    test('takes another authority for its clients while it runs', async () => {
      replace(folder, 'peers.pem', 'two.pem');
      await until(status.OK, server, client('one', 'of-two'));
      expect(await code(server, client('one', 'of-one'))).toBe(status.UNAVAILABLE);
    });
  });

  test('beyond loopback a peer needs a certificate of the authority and the token', async () => {
    serve('of-one');
    replace(folder, 'peers.pem', 'one.pem');
    const token = 'a-token-of-at-least-32-characters';
    const server = await startServer({
      ...mutual,
      MODEL_DIR: temporaryFolder(),
      DEMETER_INFERENCE_HOST: '0.0.0.0',
      DEMETER_INFERENCE_ADVERTISE: 'localhost',
      DEMETER_GRPC_TOKEN: token,
    });
    const address = `localhost:${server.line.grpc.split(':')[1]}`;
    const known = client('one', 'of-one');
    expect((await statusOf(address, known, { token })).code).toBe(status.OK);
    expect((await statusOf(address, known)).code).toBe(status.UNAUTHENTICATED);
    expect((await statusOf(address, client('one'), { token })).code).toBe(status.UNAVAILABLE);
    const plain = ChannelCredentials.createInsecure();
    expect((await statusOf(address, plain, { token })).code).toBe(status.UNAVAILABLE);
    expect(await server.stop()).toBe(0);
  });
});
