import { expect, setDefaultTimeout, test } from 'bun:test';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../_testing.ts';
import { acquireGpuLock } from './gpu-lock.ts';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

test('one holder a slot; the other is told who; kill -9 frees it', async () => {
  const folder = temporaryFolder();
  const script = `
    import { acquireGpuLock } from ${JSON.stringify(join(import.meta.dir, 'gpu-lock.ts'))};
    acquireGpuLock(${JSON.stringify(folder)}, 'GPU-1');
    console.log('held');
    setInterval(() => {}, 1000);`;
  const holder = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' });
  await holder.stdout.getReader().read();

  expect(() => acquireGpuLock(folder, 'GPU-1')).toThrow(
    `GPU-1 is held by process ${holder.pid} on ${hostname()} since `,
  );
  acquireGpuLock(folder, 'GPU-2').release();

  holder.kill('SIGKILL');
  await holder.exited;
  const lock = acquireGpuLock(folder, 'GPU-1');
  expect(() => acquireGpuLock(folder, 'GPU-1')).toThrow('GPU-1 is held by');
  lock.release();
  acquireGpuLock(folder, 'GPU-1').release();
});
