import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';
import { tryLock } from '@demeter/common/file-lock';

export interface GpuLock {
  release(): void;
}

/**
 * Takes `<folder>/<slot>.lock` for this process alone; the kernel frees it when the process ends,
 * however it ends. `slot`: UUID of a GPU or MIG slice, or `cpu-<port>`.
 * Throws GPU_IN_USE naming the process that holds it.
 */
export function acquireGpuLock(folder: string, slot: string): GpuLock {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${slot}.lock`);
  const file = openSync(path, 'a+', 0o666);
  if (!tryLock(file)) {
    const holder = readFileSync(path, 'utf8').trim() || 'an unknown process';
    closeSync(file);
    throw new AppError('GPU_IN_USE', `${slot} is held by ${holder} (${path}).`);
  }
  // The holder before removed the file between our opening and our lock: that one guards nothing.
  if (statSync(path, { throwIfNoEntry: false })?.ino !== fstatSync(file).ino) {
    closeSync(file);
    return acquireGpuLock(folder, slot);
  }
  // Only for people: what the file says of its holder decides nothing.
  ftruncateSync(file, 0);
  writeSync(file, `process ${process.pid} on ${hostname()} since ${new Date().toISOString()}\n`);
  return {
    release: () => {
      rmSync(path, { force: true });
      closeSync(file);
    },
  };
}
