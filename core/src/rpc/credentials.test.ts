import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { createLogger } from '@demeter/common/logger';
import { rejection } from '@demeter/common/testing';
import { openCertificates, serverCredentials } from './credentials.ts';

const TOKEN = 'a-token-of-at-least-32-characters!';
const log = createLogger('test', parseConfig({ LOG_LEVEL: 'error' }).values);
const refused = async (env: Record<string, string>) => {
  const { values } = parseConfig(env);
  const bind = async () => serverCredentials(values, openCertificates(values, log));
  const error = await rejection(bind());
  expect(error).toBeInstanceOf(AppError);
  return (error as AppError).field;
};

describe('the gRPC bind of the core', () => {
  test('on loopback needs neither TLS nor token', () => {
    expect(serverCredentials(parseConfig({}).values, undefined)).toBeDefined();
  });

  test('beyond loopback is refused without a token, and without TLS', async () => {
    const open = { DEMETER_CORE_GRPC_HOST: '0.0.0.0' };
    expect(await refused(open)).toBe('DEMETER_GRPC_TOKEN');
    expect(await refused({ ...open, DEMETER_GRPC_TOKEN: TOKEN })).toBe('DEMETER_GRPC_TLS_CERT');
  });

  test('refuses a short token, a key without certificate, and a file that is not there', async () => {
    expect(await refused({ DEMETER_GRPC_TOKEN: 'short' })).toBe('DEMETER_GRPC_TOKEN');
    const folder = await mkdtemp(path.join(tmpdir(), 'demeter-tls-'));
    const key = path.join(folder, 'key.pem');
    await writeFile(key, 'x');
    expect(await refused({ DEMETER_GRPC_TLS_KEY: key })).toBe('DEMETER_GRPC_TLS_CERT');
    expect(await refused({ DEMETER_GRPC_TLS_CA: path.join(folder, 'none.pem') })).toBe(
      'DEMETER_GRPC_TLS_CA',
    );
    await rm(folder, { recursive: true });
  });
});
