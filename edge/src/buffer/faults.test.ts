import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { getPhoto, postPhoto, testPhoto, withEdge, withFolder } from '../_testing.ts';
import type { Disk } from './disk.ts';
import { realDisk } from './real-disk.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

async function photosIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, 'spool'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** The real disk, but for one step, which fails with `code` while `state.on`. */
function brokenDisk(step: keyof Disk, code: string) {
  const state = { on: false, failures: 0 };
  const disk = new Proxy(realDisk, {
    get: (real, name: keyof Disk) => {
      if (name !== step || !state.on) return real[name];
      return async () => {
        state.failures++;
        throw Object.assign(new Error(code), { code });
      };
    },
  });
  return { disk, state };
}

describe('a full disk', () => {
  const steps: (keyof Disk)[] = ['create', 'sync', 'rename', 'syncFolder'];

  test.each(steps)(
    'at the step %s: 507, nothing acknowledged or kept, and it recovers unaided',
    (step) =>
      withFolder((folder) => {
        const { disk, state } = brokenDisk(step, 'ENOSPC');
        const run = async ({ url }: { url: string }) => {
          state.on = true;
          const { bytes, sha256 } = await testPhoto(1, 400, 300);
          const answer = await postPhoto(url, bytes);
          expect(answer).toMatchObject({ status: 507, body: { code: 'STORAGE_FULL' } });
          expect(answer.headers.get('retry-after')).toBe('30');
          expect((await getPhoto(url, sha256)).status).toBe(404);
          expect(await photosIn(folder)).toEqual([]);
          const alarms = async () =>
            ((await (await fetch(`${url}/health`)).json()) as { alarms: string[] }).alarms;
          expect(await alarms()).toEqual(['no_room']);
          state.on = false;
          expect((await postPhoto(url, bytes)).status).toBe(201);
          expect(await alarms()).toEqual([]);
        };
        return withEdge({ DEMETER_EDGE_DATA: folder }, run, { disk });
      }),
  );

  test('is seen before a byte is written', () =>
    withFolder((folder) => {
      const disk = { ...realDisk, free: async () => 10_000 };
      const run = async ({ url }: { url: string }) => {
        const answer = await postPhoto(url, (await testPhoto(1)).bytes);
        expect(answer).toMatchObject({ status: 507, body: { code: 'STORAGE_FULL' } });
      };
      return withEdge({ DEMETER_EDGE_DATA: folder }, run, { disk });
    }));
});

test('no descriptor left: 503, soon again, an alarm of its own that ends by itself', () =>
  withFolder((folder) => {
    const { disk, state } = brokenDisk('create', 'EMFILE');
    const run = async ({ url }: { url: string }) => {
      const { bytes } = await testPhoto(1, 400, 300);
      const alarms = async () =>
        ((await (await fetch(`${url}/health`)).json()) as { alarms: string[] }).alarms;
      state.on = true;
      const answer = await postPhoto(url, bytes);
      expect(answer).toMatchObject({ status: 503, body: { code: 'TOO_MANY_OPEN_FILES' } });
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(await alarms()).toEqual(['no_descriptors']);
      expect(await photosIn(folder)).toEqual([]);
      state.on = false;
      expect((await postPhoto(url, bytes)).status).toBe(201);
      expect(await alarms()).toEqual([]);
    };
    return withEdge({ DEMETER_EDGE_DATA: folder }, run, { disk });
  }));

describe('a failing disk', () => {
  test('a failed flush is not repeated: 503, an alarm, nothing kept', () =>
    withFolder((folder) => {
      const { disk, state } = brokenDisk('sync', 'EIO');
      const run = async ({ url }: { url: string }) => {
        state.on = true;
        const { bytes } = await testPhoto(1, 400, 300);
        const answer = await postPhoto(url, bytes);
        expect(answer).toMatchObject({ status: 503, body: { code: 'STORAGE_FAILED' } });
        // Each file once: the photo, its bytes written elsewhere, and the sidecar.
        expect(state.failures).toBe(3);
        expect(await photosIn(folder)).toEqual([]);
        const health = await fetch(`${url}/health`);
        expect(health.status).toBe(503);
        expect(await health.json()).toMatchObject({ status: 'unhealthy', alarms: ['disk_failed'] });
        const metrics = await (await fetch(`${url}/metrics`)).text();
        expect(metrics).toContain('demeter_edge_alarms_total{kind="disk_failed"} 1');
      };
      return withEdge({ DEMETER_EDGE_DATA: folder }, run, { disk });
    }));
});

test('bytes whose flush failed are written elsewhere, and people are told of the disk', () =>
  withFolder((folder) => {
    let failures = 0;
    const sync: Disk['sync'] = async (file) => {
      const { size } = await file.stat();
      // The photo's first file; its sidecar is smaller.
      if (size < 2_000 || failures > 0) return await realDisk.sync(file);
      failures++;
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    const run = async ({ url }: { url: string }) => {
      const { bytes, sha256 } = await testPhoto(1, 400, 300);
      expect(await postPhoto(url, bytes)).toMatchObject({ status: 201 });
      expect(failures).toBe(1);
      const kept = Bun.file(join(folder, 'spool', sha256.slice(0, 2), sha256));
      expect(Buffer.from(await kept.arrayBuffer()).equals(bytes)).toBe(true);
      const health = await (await fetch(`${url}/health`)).json();
      expect(health).toMatchObject({ alarms: ['disk_failed'] });
    };
    return withEdge({ DEMETER_EDGE_DATA: folder }, run, { disk: { ...realDisk, sync } });
  }));

test('a camera that sends again what the disk has spoilt meanwhile makes it whole', () =>
  withFolder((folder) =>
    withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      const { bytes, sha256 } = await testPhoto(1, 400, 300);
      await postPhoto(url, bytes);
      const path = join(folder, 'spool', sha256.slice(0, 2), sha256);
      await Bun.write(path, Buffer.alloc(bytes.length));
      expect(await postPhoto(url, bytes)).toMatchObject({ status: 200, body: { new: false } });
      expect(Buffer.from(await Bun.file(path).arrayBuffer()).equals(bytes)).toBe(true);
      expect(journal.sightings(sha256)).toHaveLength(2);
      const health = await (await fetch(`${url}/health`)).json();
      expect(health).toMatchObject({ alarms: ['bytes_changed'] });
    }),
  ));

test('the quota refuses with 507 what nobody holds yet, and evicts nothing unsent', () =>
  withFolder((folder) =>
    withEdge(
      { DEMETER_EDGE_DATA: folder, DEMETER_EDGE_BYTES_MAX: String(1024 * 1024) },
      async ({ url, journal }) => {
        let refused = 0;
        const accepted: string[] = [];
        for (let seed = 0; seed < 60 && refused === 0; seed++) {
          const { bytes, sha256 } = await testPhoto(seed, 900, 700);
          const { status } = await postPhoto(url, bytes);
          if (status === 507) refused++;
          else accepted.push(sha256);
        }
        expect(refused).toBe(1);
        expect(accepted.length).toBeGreaterThan(2);
        expect(journal.heldBytes()).toBeLessThan(1024 * 1024);
        for (const sha256 of accepted) {
          expect(await Bun.file(join(folder, 'spool', sha256.slice(0, 2), sha256)).exists()).toBe(
            true,
          );
        }
      },
    ),
  ));
