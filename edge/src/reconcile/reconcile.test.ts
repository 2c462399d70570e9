import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS, dayOf, toSightingKey } from '@demeter/common/edge-days';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { type FaultCore, startFaultCore } from '../_fault-core.ts';
import {
  getPhoto,
  postPhoto,
  spawnEdge,
  type TestPhoto,
  testPhoto,
  until,
  withEdge,
  withFolder,
} from '../_testing.ts';
import { reconcile } from '../admin/reconcile.ts';
import type { Edge } from '../service.ts';
import { addReconciliation } from './_centre.ts';
import { isDue } from './schedule.ts';

// Edges start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;

describe('comparing with the centre', () => {
  let photos: TestPhoto[];
  beforeAll(async () => {
    photos = await Promise.all([1, 2, 3].map((seed) => testPhoto(seed, 400, 300)));
  });

  /** A box whose three photos the centre has confirmed. */
  const withSentPhotos = (
    use: (given: {
      core: FaultCore;
      centre: ReturnType<typeof addReconciliation>;
      edge: Edge & { readonly url: string };
      folder: string;
      compare: () => Promise<NonNullable<Awaited<ReturnType<Edge['reconcile']>>>>;
    }) => Promise<void>,
  ) =>
    withFolder(async (folder) => {
      const core = await startFaultCore();
      try {
        const centre = addReconciliation(core);
        await withEdge({ DEMETER_EDGE_DATA: folder, ...core.env }, async (edge) => {
          for (const { bytes } of photos) await postPhoto(edge.url, bytes);
          for (const photo of photos) await verified(edge, photo);
          const compare = async () => (await edge.reconcile(never))!;
          await use({ core, centre, edge, folder, compare });
        });
      } finally {
        await core.stop();
      }
    });

  const verified = async (edge: Edge, { sha256 }: TestPhoto) =>
    await until(() => {
      const row = edge.journal.photo(sha256);
      const settled = edge.journal.sightings(sha256).every((one) => one.registered_at !== null);
      return row?.state === 'verified' && settled;
    }, 30_000);

  test('days that agree exchange a digest only, and their photos are known to be there', () =>
    withSentPhotos(async ({ centre, edge, compare }) => {
      expect(photos.map(({ sha256 }) => edge.journal.photo(sha256)?.reconciled_at)).toEqual([
        null,
        null,
        null,
      ]);
      expect(await compare()).toMatchObject({ agreed: 3, photos_again: 0, unknown_here: 0 });
      expect(centre.asked.pages).toBe(0);
      for (const { sha256 } of photos) {
        const row = edge.journal.photo(sha256);
        expect(row?.reconciled_at).toBeGreaterThanOrEqual(row?.verified_at ?? Infinity);
      }
    }));

  test('a photo that the centre forgot is sent again, its receipt void meanwhile', () =>
    withSentPhotos(async ({ core, centre, edge, compare }) => {
      const [lost, kept] = photos as [TestPhoto, TestPhoto];
      await compare();
      const receipt = edge.journal.photo(lost.sha256)?.receipt;
      centre.lose(lost.sha256);
      // The centre cannot take it now: it waits without a receipt, never evicted.
      core.setFault(({ step }) => (step === 'grant' ? new Response('', { status: 503 }) : null));
      expect(await compare()).toMatchObject({ photos_again: 1, lost: 0, agreed: 2 });
      expect(edge.journal.photo(lost.sha256)).toMatchObject({
        receipt: null,
        verified_at: null,
        reconciled_at: null,
        lane: 1,
      });
      expect(edge.journal.photo(kept.sha256)?.reconciled_at).not.toBeNull();
      core.setFault(null);
      await verified(edge, lost);
      expect(core.objects.get(lost.sha256)?.equals(lost.bytes)).toBe(true);
      expect(edge.journal.photo(lost.sha256)?.receipt).not.toBe(receipt ?? null);
      expect(await compare()).toMatchObject({ photos_again: 0, agreed: 3 });
      const health = await (await fetch(`${edge.url}/health`)).json();
      expect(JSON.stringify(health)).toContain('lost_at_centre');
    }));

  test('a sighting that the centre forgot is registered again; its photo stays', () =>
    withSentPhotos(async ({ core, edge, compare }) => {
      const [photo] = photos as [TestPhoto];
      await postPhoto(edge.url, photo.bytes);
      await until(() => (core.registered.get(photo.sha256)?.size ?? 0) === 2, 30_000);
      await verified(edge, photo);
      const puts = core.calls.filter(({ step }) => step === 'put').length;
      const [first] = edge.journal.sightings(photo.sha256);
      core.registered.get(photo.sha256)?.delete(first?.id ?? '');
      expect(await compare()).toMatchObject({ photos_again: 0, sightings_again: 1 });
      await until(() => core.registered.get(photo.sha256)?.has(first?.id ?? ''), 30_000);
      await verified(edge, photo);
      expect(core.calls.filter(({ step }) => step === 'put')).toHaveLength(puts);
    }));

  test('what is registered while days are compared is missing on neither side', () =>
    withSentPhotos(async ({ centre, edge, compare }) => {
      const late = await testPhoto(9, 400, 300);
      centre.setMeanwhile(async () => {
        await postPhoto(edge.url, late.bytes);
        await verified(edge, late);
      });
      expect(await compare()).toMatchObject({ agreed: 3, photos_again: 0, unknown_here: 0 });
      // Its receipt is younger than the comparison: the next one says so.
      expect(edge.journal.photo(late.sha256)?.reconciled_at).toBeNull();
      expect(await compare()).toMatchObject({ agreed: 4 });
      expect(edge.journal.photo(late.sha256)?.reconciled_at).not.toBeNull();
    }));

  test('what only the centre knows is reported', () =>
    withSentPhotos(async ({ centre, edge, compare }) => {
      const [first] = edge.journal.sightings(photos[0]?.sha256 ?? '');
      const key = toSightingKey({ sha256: 'ab'.repeat(32), sightingId: ulid() });
      centre.strange.push({ day: dayOf(first?.accepted_at ?? 0), key });
      expect(await compare()).toMatchObject({ agreed: 3, unknown_here: 1, photos_again: 0 });
    }));

  test('photos that the centre wants are sent if they are here, and hashed before', () =>
    withSentPhotos(async ({ core, centre, edge, folder, compare }) => {
      const [whole, changed, evicted] = photos as [TestPhoto, TestPhoto, TestPhoto];
      const stranger = 'cd'.repeat(32);
      edge.journal.update(evicted.sha256, { state: 'evicted', in_spool: 0, buffered_at: null });
      const spoilt = join(folder, 'spool', changed.sha256.slice(0, 2), changed.sha256);
      await writeFile(spoilt, Buffer.alloc(changed.bytes.length));
      for (const { sha256 } of photos) core.objects.delete(sha256);
      core.registered.delete(whole.sha256);
      for (const one of [...photos.map(({ sha256 }) => sha256), stranger]) centre.wanted.add(one);
      const before = core.calls.length;
      await compare();
      expect(Object.fromEntries(centre.answers.map((one) => [one.sha256, one.answer]))).toEqual({
        [whole.sha256]: 'queued',
        [changed.sha256]: 'changed',
        [evicted.sha256]: 'evicted',
        [stranger]: 'unknown',
      });
      await verified(edge, whole);
      expect(core.objects.get(whole.sha256)?.equals(whole.bytes)).toBe(true);
      expect(edge.journal.photo(changed.sha256)?.quarantine).toContain('changed');
      const sent = core.calls.slice(before).filter(({ step }) => step === 'put');
      expect(sent.map(({ sha256 }) => sha256)).toEqual([whole.sha256]);
    }));
});

describe('on demand', () => {
  let core: FaultCore;
  beforeAll(async () => {
    core = await startFaultCore();
    addReconciliation(core);
  });
  afterAll(() => core.stop());

  test(
    'admin.ts reconcile has the running edge compare, and says how it went',
    () =>
      withFolder(async (folder) => {
        const env = { DEMETER_EDGE_DATA: folder, ...core.env };
        const edge = await spawnEdge(env);
        const photo = await testPhoto(4, 400, 300);
        await postPhoto(edge.url, photo.bytes);
        const isVerified = async () =>
          (await getPhoto(edge.url, photo.sha256)).state === 'verified';
        await until(isVerified, 60_000);
        expect(await reconcile(env, 60_000)).toMatchObject({ days: 1, agreed: 1, lost: 0 });
        expect(await edge.kill('SIGTERM')).toBe(0);
      }),
    180_000,
  );
});

test('a night brings one comparison, whatever was missed; a clock set back stops none', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 3, max: 10 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 60 })), {
        maxLength: 3,
      }),
      (jitter, hour, days, offs) => {
        const start = Date.parse('2026-05-01') + hour * HOUR_MS;
        let last: number | null = null;
        let startedAt = start;
        let gap = 0;
        let runs = 0;
        for (let now = start; now < start + days * DAY_MS; now += HOUR_MS / 4) {
          const hours = (now - start) / HOUR_MS;
          const isOff = offs.some(([from, length]) => hours >= from && hours < from + length);
          if (isOff) {
            startedAt = now + HOUR_MS / 4;
            continue;
          }
          gap += HOUR_MS / 4;
          if (!isDue({ now, upMs: now - startedAt, last, jitter })) continue;
          if (last !== null) expect(now - last).toBeGreaterThanOrEqual(6 * HOUR_MS);
          [last, gap, runs] = [now, 0, runs + 1];
        }
        // Never longer than a day and a half of being on.
        expect(gap).toBeLessThanOrEqual(37 * HOUR_MS);
        expect(runs).toBeGreaterThan(0);
      },
    ),
  );
  const now = Date.parse('2026-05-01T12:00:00Z');
  const ahead = { now, last: now + 300 * DAY_MS, jitter: 0.5 };
  expect(isDue({ ...ahead, upMs: 12 * HOUR_MS })).toBe(true);
});
