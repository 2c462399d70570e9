import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sparePort } from '@demeter/common/spare-port';
import { cacheFolder } from '../cache.ts';
import { boundToParent, endProcess, mustRun, waitUntil } from '../commands.ts';
import type { TestServer } from './server.ts';

const MODULE = 'github.com/minio/minio';
/** The one version that Go's module proxy serves whole. */
const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const ACCESS_KEY = 'demeter-test';
const SECRET_KEY = 'demeter-test-secret';

export const minio: TestServer = {
  name: 'MinIO',
  variables: [
    'DEMETER_TEST_S3_ENDPOINT',
    'DEMETER_TEST_S3_ACCESS_KEY',
    'DEMETER_TEST_S3_SECRET_KEY',
  ],
  packages: [],
  isInstalled: () => findBinary() !== undefined,

  async start(folder) {
    const binary = findBinary() ?? (await build());
    const data = join(folder, 'data');
    mkdirSync(data, { recursive: true });
    const address = `127.0.0.1:${sparePort()}`;
    const options = ['--address', address, '--console-address', `127.0.0.1:${sparePort()}`];
    const child = Bun.spawn(boundToParent([binary, 'server', ...options, data], 'TERM'), {
      stdin: 'ignore',
      stdout: Bun.file(join(folder, 'minio.log')),
      stderr: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        MINIO_ROOT_USER: ACCESS_KEY,
        MINIO_ROOT_PASSWORD: SECRET_KEY,
        MINIO_BROWSER: 'off',
        // As in production: without it a rename may be lost in a power cut.
        MINIO_FS_OSYNC: 'on',
      },
    });
    const endpoint = `http://${address}`;
    await waitUntil('MinIO', child, async () => (await fetch(`${endpoint}/minio/health/ready`)).ok);
    return {
      variables: {
        DEMETER_TEST_S3_ENDPOINT: endpoint,
        DEMETER_TEST_S3_ACCESS_KEY: ACCESS_KEY,
        DEMETER_TEST_S3_SECRET_KEY: SECRET_KEY,
      },
      stop: () => endProcess(child, 'SIGTERM'),
    };
  },
};

function cachedBinary(): string {
  return join(cacheFolder(), `minio-${VERSION}`, 'minio');
}

function findBinary(): string | undefined {
  return Bun.which('minio') ?? (existsSync(cachedBinary()) ? cachedBinary() : undefined);
}

/** Minutes, once per machine. Built aside and renamed, so that a broken build leaves nothing. */
async function build(): Promise<string> {
  const go = Bun.which('go') ?? Bun.which('go', { PATH: '/usr/local/go/bin' });
  if (go === null) throw new Error('put minio on PATH, or install Go 1.24 or later to build it');
  console.error('building MinIO with Go, once on this machine (about 6 minutes) …');
  const aside = join(cacheFolder(), `minio-${VERSION}.${process.pid}`);
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  try {
    await mustRun([go, 'install', `${MODULE}@${VERSION}`], {
      env: { ...process.env, GOBIN: aside, GOFLAGS: '', CGO_ENABLED: '0' },
    });
    if (!existsSync(cachedBinary())) renameSync(aside, join(cacheFolder(), `minio-${VERSION}`));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return cachedBinary();
}
