import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enlarge } from '@demeter/common/testing';
import { type Call, type FaultCore, startFaultCore } from '../_fault-core.ts';
import {
  getPhoto,
  postPhoto,
  spawnEdge,
  testPhoto,
  toPhoto,
  until,
  withEdge,
  withFolder,
} from '../_testing.ts';
import { addParts } from './_part-store.ts';
import { partsOf } from './parts.ts';

// Edges start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(180_000);

let core: FaultCore;
beforeEach(async () => {
  core = await startFaultCore();
});
afterEach(() => core.stop());

const MIB = 1024 * 1024;
const largePhoto = async () =>
  toPhoto(Buffer.from(enlarge((await testPhoto(1, 400, 300)).bytes, 11 * MIB)));
const partOf = ({ step, sha256 }: Call) => (step === 'put' ? Number(sha256.split('.').at(-1)) : 0);
const badDigest = () => new Response('<Error><Code>BadDigest</Code></Error>', { status: 400 });

/** Answers the first put of this part instead of the store. */
const once = (part: number, answer: () => Response | Promise<Response>) => {
  let isFirst = true;
  return async (call: Call) => {
    if (partOf(call) !== part || !isFirst) return null;
    isFirst = false;
    return await answer();
  };
};

describe('a large photo', () => {
  test.each([
    ['the store fails', () => new Response(null, { status: 503 })],
    ['its bytes are spoilt on the way', badDigest],
  ])('goes in parts; where %s, only that part is sent again', async (_name, answer) => {
    const store = addParts(core, once(2, answer));
    const { bytes, sha256 } = await largePhoto();
    await withFolder((folder) =>
      withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
        await postPhoto(url, bytes);
        await until(async () => (await getPhoto(url, sha256)).state === 'verified', 60_000);
        expect(store.puts()).toEqual([1, 2, 2, 3]);
        expect(core.objects.get(sha256)?.equals(bytes)).toBe(true);
        expect(partsOf(journal, sha256)).toEqual([]);
      }),
    );
  });

  test('killed in the middle of a part, it goes on with that part', async () => {
    const { bytes, sha256 } = await largePhoto();
    await withFolder(async (folder) => {
      const env = { ...core.env, DEMETER_EDGE_DATA: folder };
      const first = await spawnEdge(env);
      const kill = async () => {
        await first.kill('SIGKILL');
        return new Response(null, { status: 500 });
      };
      const store = addParts(core, once(3, kill));
      await postPhoto(first.url, bytes);
      expect(await first.exited).toBe(137);
      await withEdge(env, async ({ url }) => {
        await until(async () => (await getPhoto(url, sha256)).state === 'verified', 60_000);
      });
      expect(store.puts()).toEqual([1, 2, 3, 3]);
      expect(core.objects.get(sha256)?.equals(bytes)).toBe(true);
    });
  });

  test('begins again where the store has dropped what it had', async () => {
    const drop = () => {
      store.drop();
      return new Response('<Error><Code>NoSuchUpload</Code></Error>', { status: 404 });
    };
    const store = addParts(core, once(3, drop));
    const { bytes, sha256 } = await largePhoto();
    await withFolder((folder) =>
      withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url }) => {
        await postPhoto(url, bytes);
        await until(async () => (await getPhoto(url, sha256)).state === 'verified', 60_000);
        expect(store.puts()).toEqual([1, 2, 3, 1, 2, 3]);
        expect(core.objects.get(sha256)?.equals(bytes)).toBe(true);
      }),
    );
  });

  test('whose bytes have changed on this box is not sent at all', async () => {
    const { bytes, sha256 } = await largePhoto();
    await withFolder(async (folder) => {
      const path = join(folder, 'spool', sha256.slice(0, 2), sha256);
      const store = addParts(core, async ({ step }) => {
        if (step !== 'grant') return null;
        const changed = Buffer.from(bytes);
        changed[9 * MIB] = (changed[9 * MIB] ?? 0) ^ 1;
        await writeFile(path, changed);
        return null;
      });
      await withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url }) => {
        await postPhoto(url, bytes);
        const photo = await until(async () => {
          const found = await getPhoto(url, sha256);
          return found.parked ? found : null;
        }, 60_000);
        expect(photo.parked).toBe('BYTES_CHANGED');
        expect(store.puts()).toEqual([]);
      });
    });
  });
});
