import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejection } from '@demeter/common/testing';
import { withFolder } from '../_testing.ts';
import { createRealDisk } from './real-disk.ts';

test.each([
  ['at once', 0],
  ['through the pool, once one has waited', 1000],
])('bytes are written %s, in their order', (_name, stepMs) =>
  withFolder(async (folder) => {
    let ms = 0;
    const disk = createRealDisk(() => {
      ms += stepMs;
      return ms;
    });
    const path = join(folder, 'file');
    const file = await disk.create(path);
    const chunks = [1, 2, 3, 4].map((n) => Buffer.alloc(70_000, n));
    for (const chunk of chunks) {
      expect(await file.write(chunk, 0)).toMatchObject({ bytesWritten: chunk.length });
    }
    expect(await file.write(Buffer.from('abc'), 1)).toMatchObject({ bytesWritten: 2 });
    await disk.sync(file);
    await file.close();
    const whole = Buffer.concat([...chunks, Buffer.from('bc')]);
    expect((await readFile(path)).equals(whole)).toBe(true);
  }),
);

test('a file is read to its end in chunks that stay as they are, and closed by whoever stops early', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'file');
    const bytes = randomBytes(5_000_000);
    await writeFile(path, bytes);
    const disk = createRealDisk();
    const chunks = await Array.fromAsync(disk.read(path));
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(chunks.length).toBeGreaterThan(1);
    const open = async () => (await readdir('/proc/self/fd')).length;
    const before = await open();
    for await (const chunk of disk.read(path)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await open()).toBe(before);
    await truncate(path, 3_000_000);
    const rest = await Array.fromAsync(disk.read(path));
    expect(Buffer.concat(rest).equals(bytes.subarray(0, 3_000_000))).toBe(true);
  }));

test('a file that is cut while it is read ends there; one that is not there says so when it is read', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'file');
    await writeFile(path, randomBytes(5_000_000));
    const disk = createRealDisk();
    let length = 0;
    for await (const chunk of disk.read(path)) {
      length += chunk.length;
      await truncate(path, 0);
    }
    expect(length).toBeLessThan(5_000_000);
    const missing = disk.read(join(folder, 'missing'));
    expect(await rejection(Array.fromAsync(missing))).toMatchObject({ code: 'ENOENT' });
  }));
