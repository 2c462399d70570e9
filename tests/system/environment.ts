import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Folder of others' photos and models; undefined where this machine does not have it. */
export function testData(): string | undefined {
  const root = join(import.meta.dir, '../..');
  const path = resolve(root, process.env.DEMETER_TEST_DATA || '../shared/data');
  return existsSync(path) ? path : undefined;
}

/** Servers that the runner started (docs/testing.md); undefined where one of them is missing. */
export interface RealServers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly s3: {
    readonly endpoint: string;
    readonly accessKey: string;
    readonly secretKey: string;
  };
}

export function realServers(): RealServers | undefined {
  const databaseUrl = process.env.DEMETER_TEST_DATABASE_URL;
  const redisUrl = process.env.DEMETER_TEST_REDIS_URL;
  const endpoint = process.env.DEMETER_TEST_S3_ENDPOINT;
  const accessKey = process.env.DEMETER_TEST_S3_ACCESS_KEY;
  const secretKey = process.env.DEMETER_TEST_S3_SECRET_KEY;
  if (!databaseUrl || !redisUrl || !endpoint || !accessKey || !secretKey) return undefined;
  return { databaseUrl, redisUrl, s3: { endpoint, accessKey, secretKey } };
}

/** What a program of Demeter is started with: nothing of ours but `own`, which it must know. */
export function cleanEnvironment(own: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    ...(TMPDIR ? { TMPDIR } : {}),
    ORT_DISABLE_TELEMETRY: '1',
    USE_GPU: 'false',
    LOG_FORMAT: 'json',
    ...own,
  };
}
