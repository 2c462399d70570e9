import { describe, expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { rejection } from '@demeter/common/testing';
import { withFolder } from '../_testing.ts';
import { realIds } from './ids.ts';
import { realDisk } from './real-disk.ts';
import { TemporaryFiles } from './temporary-files.ts';

/** Files over a disk that takes `room` new ones. */
function withFiles(
  room: number,
  run: (files: TemporaryFiles, names: () => Promise<string[]>) => Promise<void>,
): Promise<void> {
  return withFolder((folder) => {
    let created = 0;
    const create = async (path: string) => {
      if (created++ >= room) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return await realDisk.create(path);
    };
    const files = new TemporaryFiles({ ...realDisk, create }, folder, realIds());
    return run(files, () => readdir(folder));
  });
}

describe('temporary files', () => {
  test('what all have claimed is created by the first that takes, and each is taken once', () =>
    withFiles(100, async (files, names) => {
      const claims = [files.claim(2), files.claim(2), files.claim(1)];
      const first = await claims[0]?.take();
      expect(await names()).toHaveLength(5);
      const others = await Promise.all([0, 1, 1, 2].map((n) => claims[n]?.take()));
      expect(new Set([first, ...others].map((taken) => taken?.path)).size).toBe(5);
      expect(await names()).toHaveLength(5);
      for (const taken of [first, ...others]) await taken?.file.close();
    }));

  test('what a claim does not take in the end goes', () =>
    withFiles(100, async (files, names) => {
      const [kept, ended] = [files.claim(2), files.claim(2)];
      const taken = await ended.take();
      await taken.file.close();
      await ended.end();
      expect(await names()).toHaveLength(3);
      await kept.end();
      await kept.end();
      expect(await names()).toEqual([taken.path.split('/').pop() ?? '']);
      expect(await files.reap()).toBe(1);
    }));

  test('a disk that takes one more file gives that one, and then says why it gives none', () =>
    withFiles(1, async (files, names) => {
      const claim = files.claim(2);
      await (await claim.take()).file.close();
      expect(await rejection(claim.take())).toMatchObject({ code: 'ENOSPC' });
      await claim.end();
      expect(await names()).toHaveLength(1);
      expect(await rejection(files.claim(1).take())).toMatchObject({ code: 'ENOSPC' });
    }));
});
