import { expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority, makeCertificate, openssl } from '@demeter/common/_certificates';
import { demeterV1, type HealthReport__Output } from '@demeter/proto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { startServer, temporaryFolder } from '../_testing.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

interface Announced {
  readonly address: string;
  readonly report: HealthReport__Output | null;
  readonly authorization: unknown;
}

/** The core's side of the registry, on `port`. */
async function startRegistry(
  port: number,
  announced: Announced[],
  credentials = ServerCredentials.createInsecure(),
): Promise<[Server, number]> {
  const server = new Server();
  server.addService(demeterV1.Registry.service, {
    Announce: (
      call: {
        request: Omit<Announced, 'authorization'>;
        metadata: { get(key: string): unknown[] };
      },
      callback: (error: null, answer: { next_in_ms: number }) => void,
    ) => {
      announced.push({ ...call.request, authorization: call.metadata.get('authorization')[0] });
      callback(null, { next_in_ms: 200 });
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
    error ? reject(error) : resolve(bound),
  );
  return [server, await promise];
}

test('announces itself again and again, and finds a core that was away', async () => {
  const announced: Announced[] = [];
  const [first, port] = await startRegistry(0, announced);
  const token = 'a-token-of-at-least-32-characters';
  const server = await startServer({
    MODEL_DIR: temporaryFolder(),
    DEMETER_INFERENCE_CORE: `127.0.0.1:${port}`,
    DEMETER_GRPC_TOKEN: token,
  });
  while (announced.length < 3) await Bun.sleep(20);
  expect(announced.at(-1)).toMatchObject({
    address: server.line.grpc,
    authorization: `Bearer ${token}`,
    report: { ready: false, provider: 'cpu', gpu: null },
  });
  expect(announced.at(-1)?.report?.epoch).toBe(announced[0]?.report?.epoch ?? '');

  first.forceShutdown();
  await Bun.sleep(500);
  const before = announced.length;
  const [second] = await startRegistry(port, announced);
  while (announced.length === before) await Bun.sleep(20);
  expect(await server.stop()).toBe(0);
  second.forceShutdown();
});

test.skipIf(!openssl)('announces itself by mutual TLS', async () => {
  const folder = temporaryFolder();
  makeAuthority(folder, 'ca');
  for (const name of ['core', 'server']) makeCertificate(folder, { name, authority: 'ca' });
  const read = (name: string) => readFileSync(join(folder, name));
  const pair = { cert_chain: read('core.pem'), private_key: read('core.key') };
  const announced: Announced[] = [];
  const credentials = ServerCredentials.createSsl(read('ca.pem'), [pair], true);
  const [core, port] = await startRegistry(0, announced, credentials);
  const server = await startServer({
    MODEL_DIR: temporaryFolder(),
    DEMETER_INFERENCE_CORE: `localhost:${port}`,
    DEMETER_GRPC_TLS_CERT: join(folder, 'server.pem'),
    DEMETER_GRPC_TLS_KEY: join(folder, 'server.key'),
    DEMETER_GRPC_TLS_CA: join(folder, 'ca.pem'),
  });
  while (announced.length < 2) await Bun.sleep(20);
  expect(announced[0]?.address).toBe(server.line.grpc);
  expect(await server.stop()).toBe(0);
  core.forceShutdown();
});
