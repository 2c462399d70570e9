import { dlopen, FFIType, ptr } from 'bun:ffi';
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LeftOut } from '../fault-case.ts';

/** EXT4_IOC_SHUTDOWN, `_IOR('X', 125, __u32)`, and EXT4_GOING_FLAGS_NOLOGFLUSH. */
const SHUTDOWN = 0x8004587d;
const NO_LOG_FLUSH = 2;
/** A killed edge's child holds the disk until it notices that its parent is gone. */
const UNMOUNT_MS = 30_000;

export interface DiskSize {
  readonly megabytes: number;
  readonly inodes?: number;
}

/** Why this machine cannot mount a file as a disk; undefined: it can. */
export function noLoopDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a disk needs root';
  if (!existsSync('/dev/loop-control')) return 'this system has no loop devices';
  return Bun.which('mkfs.ext4') === null ? 'mkfs.ext4 is not installed' : undefined;
}

/**
 * An ext4 file system in a file. Cutting its power drops whatever was not flushed. It is unmounted,
 * and its loop device let go of, when it is disposed of, and when this process ends.
 */
export class LoopDisk implements AsyncDisposable {
  readonly path: string;
  readonly #image: string;

  private constructor(folder: string) {
    this.path = join(folder, 'disk');
    this.#image = join(folder, 'disk.img');
  }

  /** Throws LeftOut where this machine cannot mount one. */
  static create(folder: string, { megabytes, inodes }: DiskSize): LoopDisk {
    const reason = noLoopDisk();
    if (reason) throw new LeftOut(reason);
    mkdirSync(join(folder, 'disk'), { recursive: true });
    const disk = new LoopDisk(folder);
    must('truncate', '-s', `${megabytes}M`, disk.#image);
    const count = inodes === undefined ? [] : ['-N', String(inodes)];
    must('mkfs.ext4', '-q', ...count, disk.#image);
    mounted.add(disk);
    releaseAtEnd();
    try {
      disk.mount();
    } catch (error) {
      disk.release();
      throw new LeftOut(`a loop device cannot be mounted: ${(error as Error).message}`);
    }
    return disk;
  }

  mount(): void {
    must('mount', '-o', 'loop', this.#image, this.path);
  }

  /** From here on nothing reaches the disk, and what was not flushed is gone. */
  cutPower(): void {
    const { symbols } = dlopen('libc.so.6', {
      ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
    });
    const folder = openSync(this.path, 'r');
    const result = symbols.ioctl(folder, BigInt(SHUTDOWN), ptr(new Uint32Array([NO_LOG_FLUSH])));
    closeSync(folder);
    if (result !== 0) throw new LeftOut('this file system cannot be shut down');
  }

  /** The power comes back: the file system recovers by its own journal. */
  async powerUp(): Promise<void> {
    for (const end = Date.now() + UNMOUNT_MS; Date.now() < end; await Bun.sleep(50)) {
      if (!Bun.spawnSync(['umount', this.path]).success) continue;
      this.mount();
      return;
    }
    throw new Error(`${this.path} is in use`);
  }

  /** Succeeds also while programs still hold it, and when it is not mounted. */
  release(): void {
    if (!mounted.delete(this)) return;
    while (Bun.spawnSync(['umount', '-l', this.path]).success);
    const devices = Bun.spawnSync(['losetup', '-n', '-O', 'NAME', '-j', this.#image]).stdout;
    for (const device of devices.toString().split('\n').filter(Boolean)) {
      Bun.spawnSync(['losetup', '-d', device.trim()]);
    }
    rmSync(this.#image, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

const mounted = new Set<LoopDisk>();
let watching = false;

function releaseAtEnd(): void {
  if (watching) return;
  watching = true;
  const releaseAll = () => {
    for (const disk of mounted) disk.release();
  };
  process.once('exit', releaseAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      releaseAll();
      process.kill(process.pid, signal);
    });
  }
}

function must(...command: string[]): void {
  const { success, stderr } = Bun.spawnSync(command);
  if (!success) throw new Error(`${command.join(' ')}: ${stderr}`);
}
