import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sparePort } from '@demeter/common/spare-port';
import { boundToParent, endProcess, waitUntil } from '../commands.ts';
import { findGoProgram, type GoProgram, goProgram } from './go-program.ts';
import type { TestServer } from './server.ts';

const MINIO: GoProgram = {
  name: 'minio',
  module: 'github.com/minio/minio',
  /** The one version that Go's module proxy serves whole. */
  version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
  minutes: '6 minutes',
};
const ACCESS_KEY = 'demeter-test';
const SECRET_KEY = 'demeter-test-secret';

/** Path of the program; it is built where this machine does not have it. */
export async function minioBinary(): Promise<string> {
  return await goProgram(MINIO);
}

export const minio: TestServer = {
  name: 'MinIO',
  variables: [
    'DEMETER_TEST_S3_ENDPOINT',
    'DEMETER_TEST_S3_ACCESS_KEY',
    'DEMETER_TEST_S3_SECRET_KEY',
  ],
  packages: [],
  isInstalled: () => findGoProgram(MINIO) !== undefined,

  async start(folder) {
    const binary = await minioBinary();
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
