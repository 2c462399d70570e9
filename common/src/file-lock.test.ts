import { expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireFileLock } from './file-lock.ts';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'demeter-lock-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A process that takes the lock, says so, starts a child of its own and waits. */
function holder(path: string) {
  const source = `
    const { acquireFileLock } = await import(${JSON.stringify(join(import.meta.dir, 'file-lock.ts'))});
    const { lock } = acquireFileLock(${JSON.stringify(path)});
    const child = Bun.spawn(['sleep', '120'], { stdio: ['ignore', 'ignore', 'ignore'] });
    console.log(lock ? child.pid : 'busy');
    setInterval(() => {}, 1000);
  `;
  return Bun.spawn([process.execPath, '-e', source], { stdout: 'pipe', stderr: 'inherit' });
}

/**
 * A child that has just been forked holds its parent's descriptors until the kernel has closed them
 * in its exec, which may be a moment after the parent goes on.
 */
async function soon<T>(look: () => T | null): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== null) return found;
    await Bun.sleep(10);
  }
}

test('a second holder is refused and told who holds it, until release', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'lock');
    const first = acquireFileLock(path);
    expect(first.lock).not.toBeNull();
    expect(acquireFileLock(path)).toEqual({ lock: null, holder: process.pid });
    first.lock?.release();
    first.lock?.release();
    const third = acquireFileLock(path);
    expect(third.lock).not.toBeNull();
    third.lock?.release();
  }));

test('kill -9 frees the lock, even while a child of the holder lives on', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'lock');
    const process_ = holder(path);
    const reader = process_.stdout.getReader();
    const said = new TextDecoder().decode((await reader.read()).value).trim();
    const childPid = Number(said);
    expect(acquireFileLock(path)).toEqual({ lock: null, holder: process_.pid });
    process_.kill('SIGKILL');
    await process_.exited;
    try {
      const lock = await soon(() => acquireFileLock(path).lock);
      lock.release();
      // It was the end of the holder that freed it: its child lives on.
      process.kill(childPid, 0);
    } finally {
      process.kill(childPid, 'SIGKILL');
    }
  }));
