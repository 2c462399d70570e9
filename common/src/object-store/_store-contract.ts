import { beforeAll, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { rejection } from '../testing.ts';
import type { ObjectStore } from './object-store.ts';

/** What every object store must do: one suite, run over each kind. */

export function sample(sizeBytes: number) {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(sizeBytes - 4)]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, options: { sha256, sizeBytes, mediaType: 'image/jpeg' } };
}

export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const codeOf = async (promise: Promise<unknown>) => {
  const error = await rejection(promise);
  return error instanceof AppError ? error.code : error;
};

/** `scratch` answers a folder for files of the test's own. */
export function describeStore(name: string, create: () => ObjectStore, scratch: () => string) {
  describe(name, () => {
    let store: ObjectStore;

    beforeAll(async () => {
      store = create();
      await store.init();
      await store.init();
      await store.check();
    });

    test('gives back the bytes that were put', async () => {
      const { bytes, options } = sample(1_000_000);
      expect(await store.put('a/one', { bytes }, options)).toEqual({ created: true });
      const found = await store.get('a/one');
      expect(found.sizeBytes).toBe(bytes.length);
      expect(found.mediaType).toBe('image/jpeg');
      expect((await readAll(found.stream)).equals(bytes)).toBe(true);
      expect(await store.head('a/one')).toEqual({
        sizeBytes: bytes.length,
        mediaType: 'image/jpeg',
      });
    });

    test('streams a file of 20 MiB', async () => {
      const { bytes, options } = sample(20 * 1024 * 1024);
      const path = join(scratch(), newId());
      await writeFile(path, bytes);
      await store.put('a/large', { path }, options);
      const found = await store.get('a/large');
      expect((await readAll(found.stream)).equals(bytes)).toBe(true);
    });

    test('takes the same bytes again and refuses others under the same key', async () => {
      const first = sample(5000);
      const other = sample(5000);
      await store.put('a/again', { bytes: first.bytes }, first.options);
      expect(await store.put('a/again', { bytes: first.bytes }, first.options)).toEqual({
        created: false,
      });
      expect(await codeOf(store.put('a/again', { bytes: other.bytes }, other.options))).toBe(
        'CONFLICT',
      );
      const kept = await readAll((await store.get('a/again')).stream);
      expect(kept.equals(first.bytes)).toBe(true);
    });

    test('creates one object when twenty callers put it at once', async () => {
      const { bytes, options } = sample(200_000);
      const results = await Promise.all(
        Array.from({ length: 20 }, () => store.put('a/together', { bytes }, options)),
      );
      expect(results.filter((result) => result.created)).toHaveLength(1);
    });

    test('refuses bytes that do not fit their checksum, and keeps nothing', async () => {
      const { bytes, options } = sample(5000);
      const wrong = { ...options, sha256: sample(5000).options.sha256 };
      expect(await codeOf(store.put('a/wrong', { bytes }, wrong))).toBe('CHECKSUM_MISMATCH');
      expect(await store.head('a/wrong')).toBeNull();
    });

    test('answers a missing object as missing', async () => {
      expect(await store.head('a/none')).toBeNull();
      expect(await codeOf(store.get('a/none'))).toBe('NOT_FOUND');
      expect(await codeOf(store.copy('a/none', 'a/copy', sample(10).options))).toBe('NOT_FOUND');
      await store.remove('a/none');
    });

    test('copies without overwriting', async () => {
      const first = sample(4000);
      const other = sample(4000);
      await store.put('inbox/x', { bytes: first.bytes }, first.options);
      await store.put('inbox/y', { bytes: other.bytes }, other.options);
      expect(await store.copy('inbox/x', 'photos/x', first.options)).toEqual({ created: true });
      expect(await store.copy('inbox/x', 'photos/x', first.options)).toEqual({ created: false });
      expect(await codeOf(store.copy('inbox/y', 'photos/x', other.options))).toBe('CONFLICT');
      await store.remove('inbox/x');
      const kept = await readAll((await store.get('photos/x')).stream);
      expect(kept.equals(first.bytes)).toBe(true);
      expect(await store.head('inbox/x')).toBeNull();
    });

    test('does not copy a source whose bytes are others than expected', async () => {
      const { bytes, options } = sample(4000);
      await store.put('inbox/z', { bytes }, options);
      const code = await codeOf(store.copy('inbox/z', 'photos/z', sample(4000).options));
      expect(['CONFLICT', 'CHECKSUM_MISMATCH']).toContain(String(code));
      expect(await store.head('photos/z')).toBeNull();
    });

    test('lists keys of a prefix in the order of their bytes', async () => {
      const { bytes, options } = sample(10);
      const keys = ['l/b', 'l/a/2', 'l/a/1', 'l/a-x', 'l/a.txt', 'm/other'];
      for (const key of keys) await store.put(key, { bytes }, options);
      expect(await Array.fromAsync(store.list('l/'))).toEqual([
        'l/a-x',
        'l/a.txt',
        'l/a/1',
        'l/a/2',
        'l/b',
      ]);
      expect(await Array.fromAsync(store.list('l/a/'))).toEqual(['l/a/1', 'l/a/2']);
      expect(await Array.fromAsync(store.list('none/'))).toEqual([]);
      const entries = await Array.fromAsync(store.entries('l/a/'));
      expect(entries.map(({ key }) => key)).toEqual(['l/a/1', 'l/a/2']);
      for (const { storedAt } of entries) {
        expect(Math.abs(storedAt.getTime() - Date.now())).toBeLessThan(3_600_000);
      }
    });
  });
}
