import { expect, test } from 'bun:test';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testPhoto, withFolder } from '../_testing.ts';
import { sidecarFor } from './_with-spool.ts';
import type { Disk } from './disk.ts';
import { realDisk } from './real-disk.ts';
import { Spool } from './spool.ts';

const ULID = '01M7Y229KWF6W0YGQCKFJKZE6R';

const failure = (code: string) => Object.assign(new Error(code), { code });

/** A spool over the real disk with some operations replaced. */
async function withSpool(
  replaced: Partial<Disk>,
  use: (spool: Spool, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const limits = { bytesMax: 1e8, pixelsMax: 1e8 };
    const disk = { ...realDisk, ...replaced };
    const spool = new Spool({ folder, limits, disk, onStep: () => {} });
    await spool.init();
    await use(spool, folder);
  });
}

test('a disk that fails while a slow camera is awaited ends that photo, not the process', () => {
  let failed = false;
  const create: Disk['create'] = async (path) => {
    const file = await realDisk.create(path);
    return Object.assign(file, {
      write: async () => {
        failed = true;
        throw failure('ENOSPC');
      },
    });
  };
  return withSpool({ create }, async (spool, folder) => {
    const { bytes } = await testPhoto(1, 400, 300);
    const slow = async function* () {
      yield bytes.subarray(0, 1_000);
      // Turns of the event loop, in which nobody waits for the write.
      for (let turns = 0; turns < 5 || !failed; turns++) await Bun.sleep(1);
      yield bytes.subarray(1_000);
    };
    const error = await spool.receive(slow()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_FULL' });
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });
});

test.each([
  ['as many bytes as were announced', 1, 1],
  ['more bytes than were announced', 0.5, 2],
  ['fewer bytes than were announced', 2, 1],
])('%s: the last flush comes after the last of them', (_name, announced, flushes) => {
  const calls: string[] = [];
  const create: Disk['create'] = async (path) => {
    const file = await realDisk.create(path);
    const write = file.write.bind(file);
    return Object.assign(file, {
      write: async (bytes: Uint8Array, offset: number) => {
        calls.push('write');
        return await write(bytes, offset);
      },
    });
  };
  const sync: Disk['sync'] = async (file) => {
    if ((await file.stat()).size > 2_000) calls.push('sync');
    await realDisk.sync(file);
  };
  return withSpool({ create, sync }, async (spool) => {
    const { bytes, sha256 } = await testPhoto(1, 400, 300);
    const half = Math.floor(bytes.length / 2);
    const halves = async function* () {
      yield bytes.subarray(0, half);
      yield bytes.subarray(half, 2 * half);
      if (bytes.length > 2 * half) yield bytes.subarray(2 * half);
    };
    const announcedBytes = announced === 0.5 ? half : announced * bytes.length;
    const received = await spool.receive(halves(), announcedBytes);
    await spool.store(received, sidecarFor(sha256, bytes.length, ULID));
    await spool.release(received);
    expect(calls.filter((call) => call === 'sync')).toHaveLength(flushes);
    expect(calls.at(-1)).toBe('sync');
    expect((await readFile(spool.pathOf(sha256))).equals(bytes)).toBe(true);
    expect(await spool.reapTemporary()).toBe(0);
  });
});

test('the file of an acknowledged photo stays where its better bytes cannot be stored', () => {
  let full = false;
  const rename: Disk['rename'] = async (from, to) => {
    if (full) throw failure('ENOSPC');
    await realDisk.rename(from, to);
  };
  return withSpool({ rename }, async (spool) => {
    const { bytes, sha256 } = await testPhoto(1, 400, 300);
    const path = spool.pathOf(sha256);
    const received = await spool.receive([bytes] as unknown as AsyncIterable<Uint8Array>);
    await writeFile(path, 'rotten');
    full = true;
    const storing = spool.store(received, sidecarFor(sha256, bytes.length, ULID));
    expect(await storing.catch((error: unknown) => error)).toMatchObject({ code: 'STORAGE_FULL' });
    expect(await readFile(path, 'utf8')).toBe('rotten');
    await spool.release(received);
  });
});

test.each([
  ['better bytes of an acknowledged photo stay', true],
  ['bytes that nobody was answered for go', false],
])('%s where the folder cannot be flushed', (_name, replaces) => {
  let broken = false;
  const syncFolder: Disk['syncFolder'] = async (path) => {
    if (broken) throw failure('EIO');
    await realDisk.syncFolder(path);
  };
  return withSpool({ syncFolder }, async (spool) => {
    const { bytes, sha256 } = await testPhoto(1, 400, 300);
    const path = spool.pathOf(sha256);
    const received = await spool.receive([bytes] as unknown as AsyncIterable<Uint8Array>);
    if (replaces) await writeFile(path, 'rotten');
    broken = true;
    const storing = spool.store(received, sidecarFor(sha256, bytes.length, ULID), replaces);
    expect(await storing.catch((error: unknown) => error)).toMatchObject({
      code: 'STORAGE_FAILED',
    });
    const left = replaces ? [sha256] : [];
    expect(await readdir(join(path, '..'))).toEqual(left);
    if (replaces) expect((await readFile(path)).equals(bytes)).toBe(true);
    await spool.release(received);
  });
});

test('a stream of bytes that nobody reads holds no file open', () =>
  withSpool({}, async (spool) => {
    const { sha256, bytes } = await testPhoto(1, 400, 300);
    await writeFile(spool.pathOf(sha256), bytes);
    const open = async () => (await readdir('/proc/self/fd')).length;
    const before = await open();
    const streams = Array.from({ length: 100 }, () => spool.read(sha256));
    for await (const _ of streams[0]!) break;
    expect(await open()).toBeLessThan(before + 50);
    await rm(spool.pathOf(sha256));
  }));

test.each([true, false])('chunks that are owned (%s) are given back once written', (owned) =>
  withSpool({}, async (spool) => {
    const { bytes, sha256 } = await testPhoto(1, 400, 300);
    const half = bytes.length >> 1;
    const chunks = [
      Uint8Array.from(bytes.subarray(0, half)),
      Uint8Array.from(bytes.subarray(half)),
    ];
    const received = await spool.receive({ owned, ...each(chunks) });
    expect(received.sha256).toBe(sha256);
    expect(chunks.map(({ length }) => length > 0)).toEqual([!owned, !owned]);
    await spool.store(received, sidecarFor(sha256, bytes.length, ULID));
    await spool.release(received);
    expect((await readFile(spool.pathOf(sha256))).equals(bytes)).toBe(true);
  }),
);

function each(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* chunks;
    },
  };
}
