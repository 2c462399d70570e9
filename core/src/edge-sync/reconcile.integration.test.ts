import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { digestOfDay, toSightingKey } from '@demeter/common/edge-days';
import { newId } from '@demeter/common/ids';
import { originalKey, setAsideKey } from '@demeter/common/object-keys';
import { sql } from 'kysely';
import { createTestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { Scrubber } from '../originals/scrubber.ts';
import { makePhoto, type SyncCore, startSyncCore, type TestPhoto, ulid } from './_box.ts';
import { daysQuery } from './day-sets.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const DAY = '2026-05-01';
const NEXT = '2026-05-02';

describe.skipIf(!database)('comparing with boxes (needs DEMETER_TEST_DATABASE_URL)', () => {
  let core: SyncCore;
  let box: Awaited<ReturnType<SyncCore['addBox']>>;
  let other: typeof box;
  let photos: TestPhoto[];
  const keys: string[] = [];

  beforeAll(async () => {
    core = await startSyncCore(database!);
    [box, other] = [await core.addBox('box-a'), await core.addBox('box-b')];
    photos = await Promise.all(Array.from({ length: 3 }, makePhoto));
    // The day is that of the moment in UTC, whatever zone the box wrote it in.
    const moments = [`${DAY}T00:00:00.000Z`, `${DAY}T23:59:59.999Z`, `${NEXT}T01:00:00.000+02:00`];
    for (const [index, photo] of photos.entries()) {
      const sightingId = ulid();
      const answer = await box.send(photo, sightingId, moments[index] ?? '');
      expect(answer.status).toBe(201);
      keys.push(toSightingKey({ sha256: photo.sha256, sightingId }));
    }
    keys.sort();
    await other.send(await makePhoto(), ulid(), `${DAY}T12:00:00.000Z`);
  }, 240_000);

  afterAll(async () => await core?.stop(), 240_000);

  const daysOf = async (as: typeof box, ...days: string[]) =>
    (await as.call('POST', '/api/v1/edge/reconcile/days', { days })).body.days;
  const wanted = async (as: typeof box) =>
    (await as.call('GET', '/api/v1/edge/reconcile/wanted')).body.photos;
  const stateOf = async ({ sha256 }: TestPhoto) =>
    (await core.call('GET', `/api/v1/photos/${sha256}`)).body.state;
  const keyOf = ({ sha256 }: TestPhoto) =>
    originalKey({ organisationId: core.organisationId, sha256 });
  /** A core beside the one that answers, on the same database and store. */
  const scrubber = async () => {
    const { context } = await createTestCore(database!.db, {
      organisationId: core.organisationId,
      env: { DEMETER_SCRUB_PHOTOS_PER_DAY: '10000' },
    });
    return new Scrubber({ ...context, originals: core.originals });
  };
  const scrub = async () => {
    await sql`update store_scrubs set next_at = now()`.execute(database!.db);
    await (await scrubber()).look();
  };
  const scrubbed = async () =>
    await database!.db.selectFrom('store_scrubs').selectAll().executeTakeFirstOrThrow();

  test('both sides hash the same set to the same digest, each box its own', async () => {
    expect(await daysOf(box, DAY, NEXT)).toEqual([
      { day: DAY, sightings: 3, digest: digestOfDay(keys) },
      { day: NEXT, sightings: 0, digest: digestOfDay([]) },
    ]);
    expect(await daysOf(other, DAY)).not.toEqual(await daysOf(box, DAY));
    const admin = await core.call('POST', '/api/v1/edge/reconcile/days', { days: [DAY] });
    expect(admin.status).toBe(403);
    const wrong = await box.call('POST', '/api/v1/edge/reconcile/days', { days: ['2026-02-30'] });
    expect(wrong.status).toBe(400);
  });

  test('a day is read in pages, in the order of its keys', async () => {
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const after: string = next === null ? '' : `&after=${next}`;
      const page = await box.call('GET', `/api/v1/edge/reconcile/days/${DAY}?limit=2${after}`);
      seen.push(...page.body.keys);
      next = page.body.next;
    } while (next !== null);
    expect(seen).toEqual(keys);
  });

  test('what the store has lost is found, asked of its box alone, and restored by the photo itself only', async () => {
    const [gone, changed, whole] = photos as [TestPhoto, TestPhoto, TestPhoto];
    const wrong = await makePhoto();
    await core.originals.remove(keyOf(gone));
    await core.originals.remove(keyOf(changed));
    const facts = { sha256: wrong.sha256, sizeBytes: wrong.bytes.length, mediaType: 'image/jpeg' };
    await core.originals.put(keyOf(changed), { bytes: wrong.bytes }, facts);
    await scrub();
    expect(await Promise.all([gone, changed, whole].map(stateOf))).toEqual([
      'missing',
      'missing',
      'stored',
    ]);
    expect(
      (await core.call('GET', `/api/v1/photos/${gone.sha256}`)).body.links.original,
    ).toBeNull();

    // As unknown to the centre as if it had never come.
    const left = keys.filter((key) => key.startsWith(whole.sha256));
    expect(await daysOf(box, DAY)).toEqual([{ day: DAY, sightings: 1, digest: digestOfDay(left) }]);
    expect(await wanted(box)).toEqual([gone.sha256, changed.sha256].sort());
    expect(await wanted(other)).toEqual([]);

    // The box has one of them no more, and says so: it is not asked again, people see it.
    const said = { photos: [{ sha256: gone.sha256, answer: 'evicted' }] };
    expect((await box.call('POST', '/api/v1/edge/reconcile/answers', said)).status).toBe(200);
    await other.call('POST', '/api/v1/edge/reconcile/answers', said);
    expect(await wanted(box)).toEqual([changed.sha256]);
    const list = (await core.call('GET', '/api/v1/missing-photos')).body.items;
    expect(
      Object.fromEntries(list.map((one: MissingItem) => [one.photo_id, summary(one)])),
    ).toEqual({
      [gone.sha256]: { reason: 'gone', boxes: [[box.id, 'evicted']] },
      [changed.sha256]: { reason: 'changed', boxes: [[box.id, null]] },
    });
    expect((await box.call('GET', '/api/v1/missing-photos')).status).toBe(403);

    // Without the bytes, or with others, it stays missing.
    const sighting = keys.find((key) => key.startsWith(changed.sha256))?.slice(64) ?? '';
    expect((await box.register(changed, sighting, `${DAY}T23:59:59.999Z`)).status).toBe(409);
    const answer = await box.grant(changed);
    expect(answer.state).toBe('put');
    expect(await box.put(answer.grant, wrong.bytes)).toBeGreaterThanOrEqual(400);
    expect(await stateOf(changed)).toBe('missing');

    // The photo itself makes it whole.
    expect(await box.put(answer.grant, changed.bytes)).toBeLessThan(300);
    const again = await box.register(changed, sighting, `${DAY}T23:59:59.999Z`);
    expect(again).toMatchObject({ status: 200, body: { state: 'stored' } });
    expect(await bytesAt(keyOf(changed))).toBe(changed.sha256);
    // What lay there instead is kept for whoever looks into it.
    const photo = { organisationId: core.organisationId, sha256: changed.sha256 };
    expect(await bytesAt(setAsideKey(photo, wrong.sha256))).toBe(wrong.sha256);
    expect(await wanted(box)).toEqual([]);
    expect(await daysOf(box, DAY)).toMatchObject([{ sightings: 2 }]);
  }, 240_000);

  test('a portion is read by one core; rounds go on', async () => {
    await scrub();
    const before = await scrubbed();
    await sql`update store_scrubs set next_at = now()`.execute(database!.db);
    const cores = await Promise.all([scrubber(), scrubber()]);
    await Promise.all(cores.map((one) => one.look()));
    const { rows } = await sql<{ kept: number }>`
      select count(*) as kept from photos where state = 'stored'`.execute(database!.db);
    expect((await scrubbed()).checked - before.checked).toBe(rows[0]?.kept ?? -1);
    expect((await scrubbed()).lost).toBe(before.lost);
  });

  test('a grant for bytes that were spoilt unnoticed: the registration finds it', async () => {
    const [, , photo] = photos as [TestPhoto, TestPhoto, TestPhoto];
    const wrong = await makePhoto();
    await core.originals.remove(keyOf(photo));
    const facts = { sha256: wrong.sha256, sizeBytes: wrong.bytes.length, mediaType: 'image/jpeg' };
    await core.originals.put(keyOf(photo), { bytes: wrong.bytes }, facts);
    const sightingId = ulid();
    const at = `${NEXT}T12:00:00.000Z`;
    expect((await box.grant(photo)).state).toBe('stored');
    expect((await box.register(photo, sightingId, at)).body.code).toBe('CHECKSUM_MISMATCH');
    expect(await stateOf(photo)).toBe('missing');
    expect((await box.send(photo, sightingId, at)).status).toBe(200);
    expect(await stateOf(photo)).toBe('stored');
  });

  const bytesAt = async (key: string) => {
    const hash = createHash('sha256');
    for await (const chunk of (await core.originals.get(key)).stream) hash.update(chunk);
    return hash.digest('hex');
  };
});

interface MissingItem {
  readonly photo_id: string;
  readonly reason: string;
  readonly boxes: readonly { edge_id: string; answer: string | null }[];
}

function summary({ reason, boxes }: MissingItem) {
  return { reason, boxes: boxes.map(({ edge_id, answer }) => [edge_id, answer]) };
}

describe.skipIf(!database)('days among many (needs DEMETER_TEST_DATABASE_URL)', () => {
  test('with 100 times the sightings a day is still read by its index alone', async () => {
    const db = database!.db;
    const { organisationId } = await createTestCore(db);
    const edge = { organisationId, edgeId: newId() };
    await sql`insert into edges (organisation_id, id, code, name)
      values (${organisationId}, ${edge.edgeId}, 'many', 'many')`.execute(db);
    const session = newId();
    await sql`insert into photo_sessions (organisation_id, id, state)
      values (${organisationId}, ${session}, 'failed')`.execute(db);
    const sha256 = Buffer.alloc(32, 7);
    await sql`insert into photos (organisation_id, sha256, photo_session_id, state, size_bytes,
        media_type, object_key) values (${organisationId}, ${sha256}, ${session}, 'stored', 9,
        'image/jpeg', 'k')`.execute(db);
    const fill = async (from: number, days: number) => {
      await sql`
        insert into sightings (organisation_id, id, sha256, source, source_key, edge_id,
          accepted_at, correlation_id)
        select ${organisationId}, gen_random_uuid(), ${sha256}, 'edge',
               ${edge.edgeId}::text || ':' || lpad(to_hex(d * 1000 + n)::text, 26, '0'), ${edge.edgeId},
               '2025-01-01T00:00:00Z'::timestamptz + d * interval '1 day' + n * interval '1 minute',
               'many'
          from generate_series(${from}::int, ${from + days - 1}::int) d,
               generate_series(1, 100) n`.execute(db);
      await sql`analyze sightings`.execute(db);
    };
    const pages = async () => {
      const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>`
        explain (analyze, buffers, format json) ${daysQuery(edge, ['2025-01-01'])}`.execute(db);
      const plan = rows[0]?.['QUERY PLAN'][0].Plan;
      return (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
    };
    await fill(0, 1);
    const alone = await pages();
    await fill(1, 100);
    // Deeper indexes cost a page or two; reading the table would cost hundreds.
    expect(await pages()).toBeLessThan(alone + 100);
  }, 240_000);
});

interface PlanNode {
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
}
