import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeErrorDetails, ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import { ChannelCredentials, status } from '@grpc/grpc-js';
import { temporaryFolder } from '../_testing.ts';
import { readConfig } from '../config.ts';
import { type RunningGrpc, startGrpc, statusOf } from './_grpc.ts';
import { Tokens } from './tokens.ts';

const SHARED = 'the-shared-token-of-32-characters!';
const LOOKING = 'a-token-that-may-only-look';
const WORKING = 'a-token-that-may-work';
const RUNNING = 'a-token-that-may-run-models';
const insecure = ChannelCredentials.createInsecure();

const file = join(temporaryFolder(), 'tokens.json');
function writeTokens(tokens: Readonly<Record<string, readonly string[]>>): void {
  const entries = Object.entries(tokens).map(([token, scopes]) => ({
    name: token.replaceAll('-', ' '),
    sha256: createHash('sha256').update(token).digest('hex'),
    scopes,
  }));
  writeFileSync(`${file}.new`, JSON.stringify(entries));
  renameSync(`${file}.new`, file);
}

describe('tokens', () => {
  let server: RunningGrpc;
  beforeAll(async () => {
    writeTokens({ [LOOKING]: ['health'], [WORKING]: ['work'], [RUNNING]: ['models'] });
    server = await startGrpc({ DEMETER_GRPC_TOKEN: SHARED, DEMETER_GRPC_TOKENS_FILE: file });
  });
  afterAll(() => server.close());
  const call = (method: string, token = '') =>
    statusOf(`127.0.0.1:${server.port}`, insecure, { method, token });

  const { OK, UNAUTHENTICATED, PERMISSION_DENIED } = status;
  test.each([
    ['nobody', '', [UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED]],
    ['a stranger', 'x', [UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED]],
    ['who may look', LOOKING, [OK, PERMISSION_DENIED, PERMISSION_DENIED]],
    ['who may work', WORKING, [OK, OK, PERMISSION_DENIED]],
    ['who may run models', RUNNING, [OK, PERMISSION_DENIED, OK]],
    ['who holds the shared token', SHARED, [OK, OK, OK]],
  ])('%s can call what the scopes say', async (_, token, expected) => {
    const methods = ['GetHealthReport', 'ModelInfer', 'RepositoryModelLoad'];
    const found = await Promise.all(methods.map(async (m) => (await call(m, token)).code));
    expect(found).toEqual(expected);
  });

  test('a refusal names the scope, for programs too', async () => {
    const { metadata, details } = await call('ModelInfer', LOOKING);
    expect(details).toBe(
      'PERMISSION_DENIED: The token a token that may only look lacks the scope work.',
    );
    const [bytes] = metadata.get(ERROR_DETAILS_KEY);
    expect(decodeErrorDetails(bytes as Buffer)).toMatchObject({
      code: status.PERMISSION_DENIED,
      reason: 'PERMISSION_DENIED',
      metadata: { hint: 'Send a token with that scope.' },
    });
  });

  test('a token that is taken out of the file is refused from then on', async () => {
    writeFileSync(file, '[{"name":');
    writeTokens({ [WORKING]: ['work', 'models'] });
    while ((await call('GetHealthReport', LOOKING)).code === status.OK) await Bun.sleep(10);
    expect((await call('RepositoryModelLoad', WORKING)).code).toBe(status.OK);
  });
});

describe('a file of tokens', () => {
  test.each([
    ['is not there', undefined],
    ['is no JSON', '[{'],
    ['has a token in plain text', '[{"name":"x","token":"secret","scopes":["work"]}]'],
    ['has no scopes', `[{"name":"x","sha256":"${'0'.repeat(64)}","scopes":[]}]`],
    ['has an unknown scope', `[{"name":"x","sha256":"${'0'.repeat(64)}","scopes":["all"]}]`],
  ])('that %s is refused by name', (_, text) => {
    const path = join(temporaryFolder(), 'tokens.json');
    if (text !== undefined) writeFileSync(path, text);
    expect(() => new Tokens(undefined, path)).toThrow('holds no list of tokens');
  });

  test('is a way to open the server beyond loopback, with TLS', () => {
    const open = { DEMETER_INFERENCE_HOST: '0.0.0.0', DEMETER_GRPC_TOKENS_FILE: file };
    expect(() => readConfig(open)).toThrow('beyond loopback');
    const tls = { DEMETER_GRPC_TLS_CERT: file, DEMETER_GRPC_TLS_KEY: file };
    expect(readConfig({ ...open, ...tls }).tokensFile).toBe(file);
  });
});

describe('limits', () => {
  test('a message larger than the limit is refused, one below it is taken', async () => {
    const env = { DEMETER_PHOTO_BYTES_MAX: '1024', DEMETER_GRPC_MESSAGE_BYTES_MAX: '1048576' };
    const server = await startGrpc(env);
    const send = (bytes: number) =>
      statusOf(`127.0.0.1:${server.port}`, insecure, {
        method: 'ModelInfer',
        request: { raw_input_contents: [Buffer.alloc(bytes)] },
      });
    expect((await send(1_000_000)).code).toBe(status.OK);
    expect((await send(1_100_000)).code).toBe(status.RESOURCE_EXHAUSTED);
    await server.close();
  });
});
