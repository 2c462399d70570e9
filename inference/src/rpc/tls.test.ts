import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demeterV1, type HealthReport__Output } from '@demeter/proto';
import { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import { startServer, temporaryFolder } from '../_testing.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const openssl = Bun.which('openssl');
if (!openssl) console.warn('left out: mutual TLS, which needs openssl to make certificates');

/** A CA, and a certificate of it for `localhost`. */
function makeCertificates(folder: string): void {
  const run = (command: string) =>
    Bun.spawnSync(['sh', '-c', command], { cwd: folder, stderr: 'ignore' });
  const key = 'openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  run(`${key} -x509 -days 2 -keyout ca.key -out ca.pem -subj /CN=test-ca`);
  run(`${key} -keyout server.key -out server.csr -subj /CN=localhost`);
  run(`printf 'subjectAltName=DNS:localhost' > san`);
  run(
    'openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 2 -extfile san -out server.pem',
  );
}

function report(address: string, credentials: ChannelCredentials, token?: string) {
  const client = new demeterV1.Mesh(address, credentials);
  const metadata = new Metadata();
  if (token) metadata.set('authorization', `Bearer ${token}`);
  const { promise, resolve } = Promise.withResolvers<HealthReport__Output | number>();
  client.getHealthReport({}, metadata, { deadline: Date.now() + 5_000 }, (error, answer) => {
    client.close();
    resolve(answer?.report ?? error?.code ?? -1);
  });
  return promise;
}

describe.skipIf(!openssl)('beyond loopback', () => {
  test('a peer needs a certificate of the authority and the token', async () => {
    const folder = temporaryFolder();
    makeCertificates(folder);
    const file = (name: string) => join(folder, name);
    const token = 'a-token-of-at-least-32-characters';
    const server = await startServer({
      MODEL_DIR: temporaryFolder(),
      DEMETER_INFERENCE_HOST: '0.0.0.0',
      DEMETER_INFERENCE_ADVERTISE: 'localhost',
      DEMETER_GRPC_TOKEN: token,
      DEMETER_GRPC_TLS_CERT: file('server.pem'),
      DEMETER_GRPC_TLS_KEY: file('server.key'),
      DEMETER_GRPC_TLS_CA: file('ca.pem'),
    });
    const address = `localhost:${server.line.grpc.split(':')[1]}`;
    const [ca, key, cert] = ['ca.pem', 'server.key', 'server.pem'].map((n) =>
      readFileSync(file(n)),
    );
    const known = ChannelCredentials.createSsl(ca!, key!, cert!);
    expect(await report(address, known, token)).toMatchObject({ provider: 'cpu' });
    expect(await report(address, known)).toBe(16);
    expect(await report(address, ChannelCredentials.createSsl(ca!), token)).toBe(14);
    expect(await report(address, ChannelCredentials.createInsecure(), token)).toBe(14);
    expect(await server.stop()).toBe(0);
  });
});
