import { dlopen, FFIType } from 'bun:ffi';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** An exclusive lock on a file, held until `release` or the end of the process, kill -9 included. */
export interface FileLock {
  release(): void;
}

export type LockResult =
  | { readonly lock: FileLock }
  /** Process id that the holder wrote into the file; undefined where it cannot be read. */
  | { readonly lock: null; readonly holder: number | undefined };

/** From <sys/file.h>, the same on Linux, BSD and macOS. */
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/**
 * Takes `flock(2)` on `path` without waiting; the file is created if missing and says who holds
 * it. The kernel frees the lock with its last descriptor, so a crash leaves nothing behind.
 * Throws what the file system throws if the file cannot be opened.
 */
export function acquireFileLock(path: string): LockResult {
  // Bun opens with O_CLOEXEC: child processes do not inherit the descriptor, and so not the lock.
  const descriptor = openSync(path, 'a+', 0o600);
  if (!tryLock(descriptor)) {
    closeSync(descriptor);
    return { lock: null, holder: readHolder(path) };
  }
  ftruncateSync(descriptor, 0);
  writeSync(descriptor, `${process.pid}\n`);
  let held = true;
  return {
    lock: {
      release: () => {
        if (!held) return;
        held = false;
        flock(descriptor, LOCK_UN);
        closeSync(descriptor);
      },
    },
  };
}

/** Takes `flock(2)` on an open file without waiting. False: another process has it. */
export function tryLock(descriptor: number): boolean {
  return flock(descriptor, LOCK_EX | LOCK_NB) === 0;
}

function readHolder(path: string): number | undefined {
  const pid = Number(readFileSync(path, 'utf8').trim());
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

let native: ((descriptor: number, operation: number) => number) | undefined;

function flock(descriptor: number, operation: number): number {
  native ??= loadFlock();
  return native(descriptor, operation);
}

function loadFlock(): (descriptor: number, operation: number) => number {
  const names =
    process.platform === 'darwin'
      ? ['libSystem.B.dylib']
      : ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`];
  let failure: unknown;
  for (const name of names) {
    try {
      const { symbols } = dlopen(name, {
        flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
      });
      return (file, operation) => symbols.flock(file, operation);
    } catch (error) {
      failure = error;
    }
  }
  throw new Error('this system has no C library with flock', { cause: failure });
}
