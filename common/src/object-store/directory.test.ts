import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejection } from '../testing.ts';
import { codeOf, describeStore, readAll, sample } from './_store-contract.ts';
import { DirectoryObjectStore } from './directory.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demeter-store-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describeStore(
  'directory store',
  () => new DirectoryObjectStore(join(folder, 'store')),
  () => folder,
);

describe('directory store as a folder', () => {
  test('leaves no temporary files and refuses keys that leave the folder', async () => {
    const store = new DirectoryObjectStore(join(folder, 'other'));
    await store.init();
    const { bytes, options } = sample(100);
    await store.put('a/b', { bytes }, options);
    await rejection(store.put('a/c', { bytes }, { ...options, sizeBytes: 99 }));
    expect(await readdir(join(folder, 'other', '.tmp'))).toEqual([]);
    for (const key of ['../x', '/x', 'a//b', 'a/../b', '.tmp/x', '']) {
      expect(await codeOf(store.put(key, { bytes }, options))).toBe('INVALID_INPUT');
    }
  });

  test('has no address to give links to', async () => {
    const store = new DirectoryObjectStore(folder);
    expect(await store.presignGet()).toBeNull();
    expect(await store.grantPut()).toBeNull();
  });

  test('stops reading when the signal aborts', async () => {
    const store = new DirectoryObjectStore(join(folder, 'abort'));
    const { bytes, options } = sample(2_000_000);
    await store.put('a', { bytes }, options);
    const abort = new AbortController();
    const { stream } = await store.get('a', abort.signal);
    abort.abort(new Error('enough'));
    expect(String(await rejection(readAll(stream)))).toContain('enough');
  });
});
