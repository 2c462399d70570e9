import { expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
