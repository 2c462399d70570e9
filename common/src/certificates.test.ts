import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { type Server, ServerCredentials, status } from '@grpc/grpc-js';
import { makeAuthority, makeCertificate, openssl, replace } from './_certificates.ts';
import { call, codeOf, connect, serveEcho } from './_grpc.ts';
import { Certificates } from './certificates.ts';
import type { Logger } from './logger.ts';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

const log = { info() {}, warn() {} } as unknown as Logger;

test('names the file that cannot be read', () => {
  const open = () => new Certificates({ ca: '/nothing.pem' }, log);
  expect(open).toThrow('DEMETER_GRPC_TLS_CA names /nothing.pem');
});

// What a server shows and trusts: inference/src/rpc/tls.test.ts.
describe.skipIf(!openssl)('what a client shows and trusts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-certificates-'));
  const file = (name: string) => join(folder, name);
  const servers: Server[] = [];
  /** A server that shows a certificate of `shown` and wants to see one of `wanted`. */
  const serve = async (shown: string, wanted: string): Promise<string> => {
    const read = (name: string) => readFileSync(file(name));
    const pair = { cert_chain: read(`of-${shown}.pem`), private_key: read(`of-${shown}.key`) };
    const credentials = ServerCredentials.createSsl(read(`${wanted}.pem`), [pair], true);
    const [server, address] = await serveEcho(credentials);
    servers.push(server);
    return address;
  };
  const files = { cert: file('own.pem'), key: file('own.key') };
  const put = (name: string) => {
    replace(folder, 'ca.pem', `${name}.pem`);
    replace(folder, 'own.key', `of-${name}.key`);
    replace(folder, 'own.pem', `of-${name}.pem`);
  };

  beforeAll(() => {
    for (const name of ['one', 'two']) {
      makeAuthority(folder, name);
      makeCertificate(folder, { name: `of-${name}`, authority: name });
    }
  });
  afterAll(() => {
    for (const server of servers) server.forceShutdown();
    rmSync(folder, { recursive: true });
  });

  test('is what the files held when they were read last', async () => {
    const [one, two] = await Promise.all([serve('one', 'one'), serve('two', 'two')]);
    put('one');
    const certificates = new Certificates({ ...files, ca: file('ca.pem') }, log);
    const credentials = certificates.forClient();
    // Stays, as the core's channels do: what is new has to be told to it.
    const held = connect(one, credentials);
    expect(await call(held)).toBe(status.OK);
    expect(await codeOf(two, credentials)).toBe(status.UNAVAILABLE);
    put('two');
    certificates.refresh();
    expect(await codeOf(two, credentials)).toBe(status.OK);
    expect(await codeOf(one, credentials)).toBe(status.UNAVAILABLE);
    held.close();
  });

  test('without an authority are the system’s, and its own certificate, renewed', async () => {
    const address = await serve('one', 'two');
    put('one');
    const script = `
      import { call, connect } from ${JSON.stringify(join(import.meta.dir, '_grpc.ts'))};
      import { Certificates } from ${JSON.stringify(join(import.meta.dir, 'certificates.ts'))};
      const log = { info() {}, warn() {} };
      const certificates = new Certificates(${JSON.stringify(files)}, log);
      const client = connect(${JSON.stringify(address)}, certificates.forClient());
      console.log(await call(client));
      for await (const line of console) {
        certificates.refresh();
        while ((await call(client)) !== ${status.OK}) await Bun.sleep(20);
        console.log('connected');
      }
      client.close();`;
    const child = Bun.spawn([process.execPath, '-e', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: file('one.pem') },
      stdin: 'pipe',
      stdout: 'pipe',
    });
    const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) });
    const codes = lines[Symbol.asyncIterator]();
    expect((await codes.next()).value).toBe(String(status.UNAVAILABLE));
    put('two');
    child.stdin.write('again\n');
    await child.stdin.flush();
    expect((await codes.next()).value).toBe('connected');
    await child.stdin.end();
    expect(await child.exited).toBe(0);
  });
});
