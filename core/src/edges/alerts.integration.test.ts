import { beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { systemClock } from '@demeter/common/clock';
import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { enrolledBox, heartbeat } from './_test-box.ts';
import { AlertKeeper } from './alert-keeper.ts';
import { updateAlerts } from './alerts.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe.skipIf(!database)('boxes are missed (needs DEMETER_TEST_DATABASE_URL)', () => {
  let core: TestCore;
  let keepers: AlertKeeper[];
  let shift = 0;
  const clock = { ...systemClock, now: () => Date.now() + shift };
  const told: unknown[] = [];
  let count = 0;

  beforeAll(async () => {
    core = await createTestCore(database!.db, { clock, env: { APP_ENV: 'development' } });
    core.context.events.subscribe((event) => void (event.type === 'edge' && told.push(event.data)));
    // Two replicas on one database, which look at the same time.
    const other = await createTestCore(database!.db, {
      clock,
      organisationId: core.organisationId,
    });
    Object.assign(other.context, { events: core.context.events });
    keepers = [new AlertKeeper(core.context), new AlertKeeper(other.context)];
  });
  beforeEach(() => {
    shift = 0;
    told.length = 0;
  });

  const look = async () => void (await Promise.all(keepers.map((keeper) => keeper.look())));
  const newBox = async () => {
    const { id, box } = await enrolledBox(core, `box-${++count}`);
    const code = `box-${count}`;
    return {
      id,
      code,
      say: async (more: object = {}) => {
        const body = heartbeat(clock.now(), more);
        const answer = await core.call(
          { token: await box.token() },
          'POST',
          '/api/v1/edge/heartbeat',
          body,
        );
        expect(answer.status).toBe(200);
      },
      shown: async () => (await core.call('admin', 'GET', `/api/v1/edges/${id}`)).body,
    };
  };
  const alerts = async (query = '') =>
    (await core.call('admin', 'GET', `/api/v1/edges/alerts${query}`)).body;

  test('a silent box is told of once, however many look, and once more when it is back', async () => {
    const box = await newBox();
    await box.say();
    shift = 29 * MINUTE;
    await look();
    expect(told).toEqual([]);
    shift = 32 * MINUTE;
    await look();
    await look();
    const alert = { id: box.id, code: box.code, kind: 'silent' };
    expect(told).toEqual([{ ...alert, change: 'raised' }]);
    expect((await box.shown()).alerts).toMatchObject([{ kind: 'silent' }]);
    const [listed] = (await alerts('?open=true')).items;
    expect(listed).toMatchObject({ edge: { id: box.id }, kind: 'silent', resolved_at: null });
    expect(Date.parse(listed.since)).toBeLessThan(clock.now() - 30 * MINUTE);

    await box.say();
    await look();
    await look();
    expect(told.slice(1)).toEqual([{ ...alert, change: 'resolved' }]);
    expect((await box.shown()).alerts).toEqual([]);
    expect((await alerts('?open=true')).items).toEqual([]);
    expect((await alerts('?open=false')).items).toMatchObject([{ edge: { id: box.id } }]);
  });

  test('each box has limits of its own; one never heard of, or revoked, is not missed', async () => {
    const patient = await newBox();
    await core.call('admin', 'PATCH', `/api/v1/edges/${patient.id}`, { silent_after_minutes: 120 });
    await core.call('admin', 'POST', '/api/v1/edges', { code: 'never-seen', name: 'x' });
    const revoked = await newBox();
    shift = 60 * MINUTE;
    await look();
    expect(told).toContainEqual({
      id: revoked.id,
      code: revoked.code,
      kind: 'silent',
      change: 'raised',
    });
    expect(told).not.toContainEqual(expect.objectContaining({ id: patient.id }));
    expect(told).not.toContainEqual(expect.objectContaining({ code: 'never-seen' }));
    await core.call('admin', 'DELETE', `/api/v1/edges/${revoked.id}`);
    await look();
    expect(told).toContainEqual({
      id: revoked.id,
      code: revoked.code,
      kind: 'silent',
      change: 'resolved',
    });
    shift = 121 * MINUTE;
    await look();
    expect(told).toContainEqual(expect.objectContaining({ id: patient.id, change: 'raised' }));
  });

  test('an old unsent photo, a full disk and a clock that is off are told of and taken back', async () => {
    const box = await newBox();
    const changes = () =>
      (told as { id: string; kind: string; change: string }[])
        .filter(({ id }) => id === box.id)
        .map(({ kind, change }) => `${kind} ${change}`)
        .sort();
    const bad = {
      backlog_photos: 1,
      oldest_unsent_at: new Date(clock.now() - 25 * HOUR).toISOString(),
      held_bytes: 96,
    };
    await box.say(bad);
    await look();
    expect(changes()).toEqual(['disk raised', 'unsent raised']);
    // A clock ten minutes behind, which the box has corrected by itself.
    await box.say({ ...bad, held_bytes: 94, clock_correction_ms: 10 * MINUTE });
    await look();
    expect(changes()).toEqual(['clock raised', 'disk raised', 'unsent raised']);
    expect((await box.shown()).state.clock_offset_ms).toBeGreaterThan(9 * MINUTE);
    const metrics = await core.context.metrics.registry.metrics();
    for (const kind of ['unsent', 'disk', 'clock']) {
      expect(metrics).toContain(`demeter_edge_alerts_open{kind="${kind}"} 1`);
    }
    told.length = 0;
    await box.say();
    await look();
    expect(changes()).toEqual(['clock resolved', 'disk resolved', 'unsent resolved']);
  });

  test('another organisation’s boxes are neither looked at nor listed', async () => {
    const other = await createTestCore(database!.db, { clock });
    const { id } = await enrolledBox(other, 'theirs');
    shift = 10 * HOUR;
    await look();
    expect(told).not.toContainEqual(expect.objectContaining({ id }));
    await new AlertKeeper(other.context).look();
    expect((await other.call('admin', 'GET', '/api/v1/edges/alerts')).body.items).toMatchObject([
      { edge: { id }, kind: 'silent' },
    ]);
    expect((await alerts('?limit=200')).items).not.toContainEqual(
      expect.objectContaining({ edge: expect.objectContaining({ id }) }),
    );
  });

  test('thousands of boxes fall silent and come back: each is told of once, page by page', async () => {
    const fleet = await createTestCore(database!.db);
    const organisationId = fleet.organisationId;
    const now = Date.now();
    const rows = Array.from({ length: 2_500 }, (_, at) => ({
      organisation_id: organisationId,
      id: newId(),
      code: `fleet-${at}`,
      name: 'x',
      last_seen_at: new Date(now - HOUR),
    }));
    for (let at = 0; at < rows.length; at += 500) {
      await database!.db
        .insertInto('edges')
        .values(rows.slice(at, at + 500))
        .execute();
    }
    const { db } = fleet.context;
    const raised = await updateAlerts(db, organisationId, new Date(now));
    expect(raised).toHaveLength(2_500);
    expect(await updateAlerts(db, organisationId, new Date(now + 1_000))).toEqual([]);
    await sql`update edges set last_seen_at = now() where organisation_id = ${organisationId}`.execute(
      db,
    );
    const resolved = await updateAlerts(db, organisationId, new Date(now + 2_000));
    expect(resolved.filter(({ change }) => change === 'resolved')).toHaveLength(2_500);
    const seen = new Set<string>();
    for (let cursor = ''; ; ) {
      const page = await fleet.call('admin', 'GET', `/api/v1/edges/alerts?limit=200${cursor}`);
      for (const { id } of page.body.items) seen.add(id);
      if (page.body.next === null) break;
      cursor = `&cursor=${page.body.next}`;
    }
    expect(seen.size).toBe(2_500);
  });
});
