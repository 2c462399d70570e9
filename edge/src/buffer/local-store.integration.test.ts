import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { newId } from '@demeter/common/ids';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { startFaultCore } from '../_fault-core.ts';
import {
  briskClock,
  postPhoto,
  silent,
  type TestPhoto,
  testPhoto,
  toPhoto,
  until,
  withEdge,
  withFolder,
} from '../_testing.ts';
import { addReconciliation } from '../reconcile/_centre.ts';
import type { Edge } from '../service.ts';
import type { Journal } from './journal.ts';
import { bufferKey, SPOOL_GRACE_MS } from './local-store.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const endpoint = process.env.DEMETER_TEST_S3_ENDPOINT;
const bucket = `edge-${newId()}`;
const accessKey = process.env.DEMETER_TEST_S3_ACCESS_KEY ?? '';
const secretKey = process.env.DEMETER_TEST_S3_SECRET_KEY ?? '';
const keys = { endpoint: endpoint ?? '', accessKey, secretKey };

describe.skipIf(!endpoint)('the local store (needs DEMETER_TEST_S3_ENDPOINT)', () => {
  let store: S3ObjectStore;
  const env = {
    DEMETER_EDGE_STORE_ENDPOINT: endpoint,
    DEMETER_EDGE_STORE_BUCKET: bucket,
    DEMETER_EDGE_STORE_ACCESS_KEY: accessKey,
    DEMETER_EDGE_STORE_SECRET_KEY: secretKey,
  };
  beforeAll(() => {
    store = new S3ObjectStore({ ...keys, bucket });
  });
  afterAll(async () => {
    for await (const key of store.list('')) await store.remove(key);
  });

  const buffered = (journal: Journal, sha256: string) =>
    until(() => journal.photo(sha256)?.buffered_at, 20_000);

  test(
    'gets a copy of each photo, which is read back before it is believed',
    () =>
      withFolder((folder) =>
        withEdge({ ...env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
          const { bytes, sha256 } = await testPhoto(1);
          await postPhoto(url, bytes);
          await buffered(journal, sha256);
          const copy = await new Response(
            (await store.get(bufferKey(sha256))).stream,
          ).arrayBuffer();
          expect(Buffer.from(copy).equals(bytes)).toBe(true);
          const health = await (await fetch(`${url}/health`)).json();
          expect(health).toMatchObject({ object_store: 'connected' });
        }),
      ),
    60_000,
  );

  test('the spool keeps unsent photos, and lets go of verified ones whose copy is checked', async () => {
    const core = await startFaultCore();
    core.setFault(() => new Response(null, { status: 503 }));
    await withFolder((folder) =>
      withEdge({ ...env, ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
        const { bytes, sha256 } = await testPhoto(2);
        const spooled = () => Bun.file(`${folder}/spool/${sha256.slice(0, 2)}/${sha256}`).exists();
        await postPhoto(url, bytes);
        await buffered(journal, sha256);
        const longAgo = Date.now() - SPOOL_GRACE_MS - 1000;
        journal.update(sha256, { buffered_at: longAgo });
        await Bun.sleep(7_000);
        expect(await spooled()).toBe(true);
        core.setFault(null);
        await until(() => journal.photo(sha256)?.state === 'verified', 30_000);
        await until(async () => !(await spooled()), 20_000);
        expect(await store.head(bufferKey(sha256))).not.toBeNull();
        // Seen once more, it needs no bytes: the copy and the receipt stand for them.
        expect(await postPhoto(url, bytes)).toMatchObject({ status: 200, body: { new: false } });
      }),
    );
    core.stop();
  }, 120_000);

  test('a photo that it alone holds outlives the journal, and comes back to a centre that lost it', async () => {
    const core = await startFaultCore();
    const centre = addReconciliation(core);
    const own = { ...env, DEMETER_EDGE_STORE_BUCKET: `${bucket}-own`, ...core.env };
    const { bytes, sha256 } = await testPhoto(7);
    const ask = async (edge: Edge) => {
      centre.wanted.add(sha256);
      await edge.reconcile(new AbortController().signal);
      return centre.answers.splice(0).map(({ answer }) => answer);
    };
    const overrides = { clock: briskClock };
    await withFolder(async (folder) => {
      const here = { ...own, DEMETER_EDGE_DATA: folder };
      const file = join(folder, 'spool', sha256.slice(0, 2), sha256);
      await withEdge(
        here,
        async ({ url, journal }) => {
          await postPhoto(url, bytes);
          await buffered(journal, sha256);
          await until(() => journal.photo(sha256)?.state === 'verified');
          journal.update(sha256, { buffered_at: Date.now() - SPOOL_GRACE_MS - 1000 });
          await until(async () => !(await Bun.file(file).exists()));
        },
        overrides,
      );
      for (const name of await readdir(folder)) {
        if (name.startsWith('journal')) await rm(join(folder, name));
      }
      centre.lose(sha256);
      // The store is away when the box starts: nothing is given up, nothing is said of the photo.
      const away = { ...here, DEMETER_EDGE_STORE_ENDPOINT: 'http://127.0.0.1:9' };
      await withEdge(away, async (edge) => expect(await ask(edge)).toEqual([]), overrides);
      await withEdge(
        here,
        async (edge) => {
          const { journal } = edge;
          await until(() => journal.photo(sha256)?.state === 'verified');
          expect(journal.photo(sha256)).toMatchObject({ in_spool: 0, parked: null });
          expect(core.objects.get(sha256)?.equals(bytes)).toBe(true);
          expect(core.registered.get(sha256)?.size).toBe(1);
          expect(await ask(edge)).toEqual(['queued']);
        },
        overrides,
      );
    });
    const store = new S3ObjectStore({ ...keys, bucket: `${bucket}-own` });
    for await (const key of store.list('')) await store.remove(key);
    core.stop();
  }, 180_000);

  test(
    'a photo whose bytes changed, and a copy that did, do not keep others from being copied',
    () =>
      withFolder((folder) =>
        withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
          const photos = await Promise.all([4, 5, 6].map((seed) => testPhoto(seed)));
          for (const { bytes } of photos) await postPhoto(url, bytes);
          const [changed, copied, sound] = photos as [TestPhoto, TestPhoto, TestPhoto];
          const path = (sha256: string) => `${folder}/spool/${sha256.slice(0, 2)}/${sha256}`;
          await Bun.write(path(changed.sha256), Buffer.alloc(changed.bytes.length, 1));
          const other = toPhoto(Buffer.from('other bytes'));
          const facts = { sha256: other.sha256, sizeBytes: 11, mediaType: 'image/jpeg' };
          await store.put(bufferKey(copied.sha256), { bytes: other.bytes }, facts);
          const { LocalStore } = await import('./local-store.ts');
          const { Spool } = await import('./spool.ts');
          const { realDisk } = await import('./real-disk.ts');
          const limits = { bytesMax: 1e8, pixelsMax: 1e8 };
          const spool = new Spool({ folder, limits, disk: realDisk, onStep: () => {} });
          const local = new LocalStore(store, spool, journal, systemClock, silent);
          const signal = new AbortController().signal;
          for (let round = 0; round < 2; round++) await local.bufferPending(1 + round, signal);
          await local.bufferPending(3, signal);
          expect(journal.photo(sound.sha256)?.buffered_at).toBeNumber();
          expect(journal.photo(copied.sha256)?.buffered_at).toBeNumber();
          expect(journal.photo(changed.sha256)?.buffered_at).toBeNull();
        }),
      ),
    60_000,
  );

  test(
    'a copy that is other than the photo is not believed, and the photo is copied again',
    () =>
      withFolder((folder) =>
        withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
          const { bytes, sha256 } = await testPhoto(3);
          await postPhoto(url, bytes);
          const { LocalStore } = await import('./local-store.ts');
          const { Spool } = await import('./spool.ts');
          const { realDisk } = await import('./real-disk.ts');
          const limits = { bytesMax: 1e8, pixelsMax: 1e8 };
          const spool = new Spool({ folder, limits, disk: realDisk, onStep: () => {} });
          const flipping = Object.assign(Object.create(store) as S3ObjectStore, {
            put: store.put.bind(store),
            remove: store.remove.bind(store),
            get: async (key: string) => ({
              ...(await store.get(key)),
              stream: new Blob(['x']).stream(),
            }),
          });
          const signal = new AbortController().signal;
          await new LocalStore(flipping, spool, journal, systemClock, silent).bufferPending(
            10,
            signal,
          );
          expect(journal.photo(sha256)?.buffered_at).toBeNull();
          expect(await store.head(bufferKey(sha256))).toBeNull();
          await new LocalStore(store, spool, journal, systemClock, silent).bufferPending(
            10,
            signal,
          );
          expect(journal.photo(sha256)?.buffered_at).toBeNumber();
        }),
      ),
    60_000,
  );
});

test('an edge whose store is away accepts and forwards all the same', async () => {
  const core = await startFaultCore();
  const away = {
    DEMETER_EDGE_STORE_ENDPOINT: 'http://127.0.0.1:9',
    DEMETER_EDGE_STORE_ACCESS_KEY: 'key',
    DEMETER_EDGE_STORE_SECRET_KEY: 'secret-key',
  };
  await withFolder((folder) =>
    withEdge({ ...away, ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      const { bytes, sha256 } = await testPhoto(1);
      expect((await postPhoto(url, bytes)).status).toBe(201);
      await until(() => journal.photo(sha256)?.state === 'verified');
      const health = await until(async () => {
        const found = (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>;
        return found.status === 'degraded' ? found : null;
      });
      expect(health.object_store).toContain('failed');
    }),
  );
  core.stop();
}, 60_000);
