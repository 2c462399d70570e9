import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sparePort } from '@demeter/common/spare-port';
import { accepts, boundToParent, endProcess, waitUntil } from '../commands.ts';
import { findGoProgram, type GoProgram, goProgram } from './go-program.ts';
import type { TestServer } from './server.ts';

const VERSITYGW: GoProgram = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
  minutes: '2 minutes',
};
const ACCESS_KEY = 'demeter-test';
const SECRET_KEY = 'demeter-test-secret';

/** S3 by other people than MinIO's: what works with both is no habit of one of them. */
export const versitygw: TestServer = {
  name: 'versitygw',
  variables: [
    'DEMETER_TEST_VERSITYGW_ENDPOINT',
    'DEMETER_TEST_VERSITYGW_ACCESS_KEY',
    'DEMETER_TEST_VERSITYGW_SECRET_KEY',
  ],
  packages: [],
  isInstalled: () => findGoProgram(VERSITYGW) !== undefined,

  async start(folder) {
    const binary = await goProgram(VERSITYGW);
    const data = join(folder, 'data');
    mkdirSync(data, { recursive: true });
    const port = sparePort();
    const options = ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', data];
    const child = Bun.spawn(boundToParent([binary, ...options], 'TERM'), {
      stdin: 'ignore',
      stdout: Bun.file(join(folder, 'versitygw.log')),
      stderr: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ROOT_ACCESS_KEY: ACCESS_KEY,
        ROOT_SECRET_KEY: SECRET_KEY,
      },
    });
    await waitUntil('versitygw', child, () => accepts(port));
    return {
      variables: {
        DEMETER_TEST_VERSITYGW_ENDPOINT: `http://127.0.0.1:${port}`,
        DEMETER_TEST_VERSITYGW_ACCESS_KEY: ACCESS_KEY,
        DEMETER_TEST_VERSITYGW_SECRET_KEY: SECRET_KEY,
      },
      stop: () => endProcess(child, 'SIGTERM'),
    };
  },
};
