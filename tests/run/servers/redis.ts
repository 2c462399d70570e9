import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sparePort } from '@demeter/common/spare-port';
import { accepts, boundToParent, endProcess, waitUntil } from '../commands.ts';
import type { TestServer } from './server.ts';

export const redis: TestServer = {
  name: 'Redis',
  variables: ['DEMETER_TEST_REDIS_URL'],
  packages: ['redis-server'],
  isInstalled: () => Bun.which('redis-server') !== null,

  async start(folder) {
    if (!this.isInstalled()) throw new Error('apt-get install redis-server (as root)');
    mkdirSync(folder, { recursive: true });
    const port = sparePort();
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    const child = Bun.spawn(boundToParent(['redis-server', ...options], 'TERM'), {
      stdin: 'ignore',
      stdout: Bun.file(join(folder, 'redis.log')),
      stderr: 'ignore',
    });
    await waitUntil('Redis', child, () => accepts(port));
    return {
      variables: { DEMETER_TEST_REDIS_URL: `redis://127.0.0.1:${port}` },
      stop: () => endProcess(child, 'SIGTERM'),
    };
  },
};
