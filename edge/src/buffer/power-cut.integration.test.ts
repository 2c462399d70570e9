import { dlopen, FFIType, ptr } from 'bun:ffi';
import { expect, setDefaultTimeout, test } from 'bun:test';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { postPhoto, spawnEdge, type TestPhoto, testPhoto, withFolder } from '../_testing.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

/**
 * A power cut on a real ext4 file system in a file: the shutdown ioctl drops everything that was
 * not flushed. Needs root and loop devices.
 */
const root = process.platform === 'linux' && process.getuid?.() === 0;

/** EXT4_IOC_SHUTDOWN, `_IOR('X', 125, __u32)`, and EXT4_GOING_FLAGS_NOLOGFLUSH. */
const SHUTDOWN = 0x8004587d;
const NO_LOG_FLUSH = 2;
const ROUNDS = 3;

function cutPower(mountPoint: string): void {
  const { symbols } = dlopen('libc.so.6', {
    ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
  });
  const folder = openSync(mountPoint, 'r');
  const result = symbols.ioctl(folder, BigInt(SHUTDOWN), ptr(new Uint32Array([NO_LOG_FLUSH])));
  closeSync(folder);
  if (result !== 0) throw new Error('this file system cannot be shut down');
}

function run(...command: string[]): void {
  const { success, stderr } = Bun.spawnSync(command);
  if (!success) throw new Error(`${command.join(' ')}: ${stderr}`);
}

/** The killed edge's child holds the disk until it notices that its parent is gone. */
async function unmount(disk: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await Bun.sleep(50)) {
    if (Bun.spawnSync(['umount', disk]).success) return;
  }
  run('umount', disk);
}

test.skipIf(!root)(
  'a power cut right after an acknowledgement loses no photo (needs root)',
  () =>
    withFolder(async (folder) => {
      const image = join(folder, 'disk.img');
      const disk = join(folder, 'disk');
      await mkdir(disk);
      run('truncate', '-s', '96M', image);
      run('mkfs.ext4', '-q', image);
      run('mount', '-o', 'loop', image, disk);
      try {
        const data = join(disk, 'data');
        const acknowledged: TestPhoto[] = [];
        const held = () => acknowledged.map(({ sha256 }) => sha256).sort();
        let edge = await spawnEdge({ DEMETER_EDGE_DATA: data });
        for (let round = 0; round < ROUNDS; round++) {
          for (let seed = 0; seed < 6; seed++) {
            const photo = await testPhoto(10 * round + seed, 700, 500);
            expect((await postPhoto(edge.url, photo.bytes)).status).toBe(201);
            acknowledged.push(photo);
          }
          cutPower(disk);
          await edge.kill('SIGKILL');
          await unmount(disk);
          run('mount', '-o', 'loop', image, disk);
          edge = await spawnEdge({ DEMETER_EDGE_DATA: data });
          const list = await (await fetch(`${edge.url}/photos?limit=100`)).json();
          const ids = (list as { photos: { photo_id: string }[] }).photos.map((p) => p.photo_id);
          expect(ids.sort()).toEqual(held());
          for (const { bytes, sha256 } of acknowledged) {
            const kept = Bun.file(join(data, 'spool', sha256.slice(0, 2), sha256));
            expect(Buffer.from(await kept.arrayBuffer()).equals(bytes)).toBe(true);
          }
        }
        expect(await edge.kill('SIGTERM')).toBe(0);
      } finally {
        Bun.spawnSync(['umount', '-l', disk]);
      }
    }),
  300_000,
);
