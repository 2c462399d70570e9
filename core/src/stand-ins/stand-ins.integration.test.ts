import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import sharp from 'sharp';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { sweepStandIns } from './retention.ts';

// Databases are made slowly on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const NOW = Date.parse('2026-05-01T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

describe.skipIf(!database)(
  'photos that stay on their box (needs DEMETER_TEST_DATABASE_URL)',
  () => {
    let core: TestCore;
    let edge: { id: string; token: string };
    const iso = (ms: number) => new Date(ms).toISOString();
    const list = async (of = core) => (await of.call('admin', 'GET', '/api/v1/stand-ins')).body;

    /** Said by a box whose clock is a year ahead, an hour after it took the photo. */
    const standIn = (sha256: string, more: object = {}) => ({
      sha256,
      size_bytes: 2_000_000,
      media_type: 'image/jpeg',
      file_name: null,
      sighting: {
        id: '01JTEST0000000000000000000',
        camera: 'cam-1',
        boot_id: 'start-1',
        boot_number: 1,
        sequence: 0,
        monotonic_ms: 5,
        captured_at: iso(NOW + YEAR - HOUR),
        captured_at_local: null,
        captured_at_source: 'file',
        accepted_at: iso(NOW + YEAR - HOUR),
      },
      clock: {
        sent_at: iso(NOW + YEAR),
        boot_id: 'start-1',
        boot_number: 1,
        monotonic_ms: HOUR + 5,
      },
      place: null,
      position: null,
      verdict: { result: 'poor', reasons: [] },
      correlation_id: newId(),
      state: 'kept',
      policy: { name: 'blurred', forward: 'thumbnail' },
      kept_until: iso(NOW + YEAR + 30 * DAY),
      thumbnail: null,
      ...more,
    });
    const send = (body: object) =>
      core.call({ token: edge.token }, 'POST', '/api/v1/edge/stand-ins', body);

    beforeAll(async () => {
      const clock = { now: () => NOW, monotonic: () => 0, sleep: async () => {} };
      core = await createTestCore(database!.db, { clock });
      const made = await core.call('admin', 'POST', '/api/v1/edges', { code: 'box', name: 'Box' });
      const { body } = await core.call('admin', 'POST', `/api/v1/edges/${made.body.id}/credential`);
      edge = { id: made.body.id, token: body.token };
    });

    test('are listed with their picture, dated by the core, and are no photos', async () => {
      const sha256 = 'aa'.repeat(32);
      const picture = await sharp({
        create: { width: 8, height: 8, channels: 3, background: 'red' },
      })
        .webp()
        .toBuffer();
      const body = standIn(sha256, { thumbnail: picture.toString('base64') });
      expect(await send(body)).toMatchObject({ status: 200, body: { state: 'kept' } });
      expect((await list()).items).toMatchObject([
        {
          photo_id: sha256,
          edge_code: 'box',
          state: 'kept',
          policy: 'blurred',
          captured_at: iso(NOW - HOUR),
          accepted_at: iso(NOW - HOUR),
          kept_until: iso(NOW + 30 * DAY),
          time_flag: 'corrected',
          has_thumbnail: true,
        },
      ]);
      const path = `/api/v1/stand-ins/${edge.id}/${sha256}/thumbnail`;
      const shown = await core.call('admin', 'GET', path);
      expect(shown.status).toBe(200);
      expect(shown.headers.get('content-type')).toBe('image/webp');
      expect((await core.call('admin', 'GET', '/api/v1/photos')).body.items).toEqual([]);
      const others = await createTestCore(database!.db);
      expect((await list(others)).items).toEqual([]);
      expect((await others.call('admin', 'GET', path)).status).toBe(404);
    });

    test('are noted again without doubling; given up, they say so and keep their picture', async () => {
      const sha256 = 'aa'.repeat(32);
      await send(standIn(sha256, { state: 'resolved' }));
      const { items } = await list();
      expect(items).toMatchObject([
        { photo_id: sha256, state: 'resolved', resolved_at: iso(NOW), has_thumbnail: true },
      ]);
    });

    test('go a while after what they stood for, and beyond a box’s bound the oldest', async () => {
      const registry = core.context.metrics.registry;
      const removed = async (reason: string) => {
        const metric = await registry.getSingleMetric('demeter_stand_ins_removed_total')?.get();
        return metric?.values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
      };
      const shas = async () =>
        (await database!.db.selectFrom('stand_ins').select('sha256').execute())
          .map(({ sha256 }) => sha256.toString('hex').slice(0, 2))
          .sort();
      await database!.db.deleteFrom('stand_ins').execute();
      const of = (name: string) => name.repeat(32);
      await send(standIn(of('01'), { state: 'resolved' }));
      await send(standIn(of('02'), { kept_until: null }));
      await send(standIn(of('03')));
      const at = (days: number, env: Record<string, string> = {}) => {
        const { values } = parseConfig({ APP_ENV: 'staging', ...env });
        const clock = { ...core.context.clock, now: () => NOW + days * DAY };
        return { ...core.context, clock, values };
      };
      await sweepStandIns(at(364));
      await sweepStandIns(at(10_000, { DEMETER_STAND_IN_DAYS: '0' }));
      expect(await shas()).toEqual(['01', '02', '03']);
      await sweepStandIns(at(366));
      expect(await shas()).toEqual(['02', '03']);
      // Its days on the box were over a year ago; the other stays there until somebody sends it.
      await sweepStandIns(at(30 + 366));
      expect(await shas()).toEqual(['02']);
      expect(await removed('retention')).toBe(2);

      const small = await createTestCore(database!.db, {
        organisationId: core.organisationId,
        env: { DEMETER_STAND_INS_PER_EDGE: '3' },
      });
      const path = '/api/v1/edge/stand-ins';
      for (const name of ['04', '05', '06', '07', '07', '06']) {
        const { status } = await small.call({ token: edge.token }, 'POST', path, standIn(of(name)));
        expect(status).toBe(200);
      }
      expect(await shas()).toEqual(['05', '06', '07']);
    });

    test('what is no picture is refused, and who is no box', async () => {
      const text = Buffer.from('<script>alert(1)</script>').toString('base64');
      const refused = await send(standIn('bb'.repeat(32), { thumbnail: text }));
      expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
      const body = standIn('bb'.repeat(32));
      const person = await core.call('admin', 'POST', '/api/v1/edge/stand-ins', body);
      expect(person.status).toBe(403);
    });
  },
);
