import { beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { systemClock } from '@demeter/common/clock';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { createTestBox, enrolledBox, heartbeat } from './_test-box.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const HOUR = 3_600_000;

describe.skipIf(!database)('boxes enrol (needs DEMETER_TEST_DATABASE_URL)', () => {
  let core: TestCore;
  let shift = 0;
  const clock = { ...systemClock, now: () => Date.now() + shift };
  const statusOf = async (token: string) =>
    (await core.call({ token }, 'GET', `/api/v1/edge/photos/${'a'.repeat(64)}`)).status;
  const add = async (code: string, more: object = {}) =>
    (await core.call('admin', 'POST', '/api/v1/edges', { code, name: code, ...more })).body;
  const edge = async (id: string) => (await core.call('admin', 'GET', `/api/v1/edges/${id}`)).body;
  const newCode = async (id: string) =>
    (await core.call('admin', 'POST', `/api/v1/edges/${id}/code`)).body.code as string;

  beforeAll(async () => {
    // Without limits: more codes are tried here than an address may in a minute.
    core = await createTestCore(database!.db, { clock, env: { APP_ENV: 'development' } });
  });
  beforeEach(() => {
    shift = 0;
  });

  test('from the code to a token to a heartbeat, and all of it is shown', async () => {
    const made = await add('G1');
    expect(made).toMatchObject({ credential: 'none', key: null, state: null, alerts: [] });
    expect(made.enrolment.code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect(made.code_expires_at).toBe(made.enrolment.expires_at);
    const box = await createTestBox(core, made.id);
    const enrolled = await box.enrol(made.enrolment.code.toLowerCase().replace('-', ' '));
    expect(enrolled).toMatchObject({
      status: 200,
      body: {
        edge_id: made.id,
        organisation_id: core.organisationId,
        code: 'G1',
        fingerprint: box.thumbprint,
        keys: core.context.keys.publicKeys().keys,
      },
    });
    const given = await box.exchange();
    expect(given).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 600 } });
    expect(given.headers.get('cache-control')).toBe('no-store');
    const token = given.body.access_token;
    const said = heartbeat(clock.now() - 5_000, {
      backlog_photos: 3,
      backlog_bytes: 6_000_000,
      oldest_unsent_at: new Date(clock.now() - HOUR).toISOString(),
      version: '1.2.3',
      alarms: [{ code: 'disk_failed', sentence: 'The disk failed.' }],
      something_new: { of: 'a newer box' },
    });
    expect((await core.call({ token }, 'POST', '/api/v1/edge/heartbeat', said)).status).toBe(200);
    const again = { ...said, backlog_photos: 2 };
    expect((await core.call({ token }, 'POST', '/api/v1/edge/heartbeat', again)).status).toBe(200);
    const shown = await edge(made.id);
    expect(shown).toMatchObject({
      credential: 'key',
      key: { fingerprint: box.thumbprint },
      code_expires_at: null,
      version: '1.2.3',
      state: {
        backlog_photos: 2,
        backlog_bytes: 6_000_000,
        disk_share: 0.1,
        alarms: [{ code: 'disk_failed', sentence: 'The disk failed.' }],
        cameras: [{ code: 'bench-1', last_photo_at: null }],
      },
    });
    expect(shown.state.clock_offset_ms).toBeGreaterThanOrEqual(5_000);
    expect(shown.state.clock_offset_ms).toBeLessThan(65_000);
    expect(shown.last_seen_at).not.toBeNull();
  });

  test('after a power cut the same key may repeat it with the same code, however late', async () => {
    const made = await add('G2');
    const box = await createTestBox(core, made.id);
    const { code } = made.enrolment;
    const first = await box.enrol(code);
    shift = 30 * 24 * HOUR;
    const repeated = await box.enrol(code);
    shift = 0;
    expect(repeated.status).toBe(200);
    expect({ ...repeated.body, server_time: '' }).toEqual({ ...first.body, server_time: '' });
    expect((await box.exchange()).status).toBe(200);
    const other = await createTestBox(core, made.id);
    expect(await other.enrol(code)).toMatchObject({ status: 401, body: { field: 'code' } });
    expect((await edge(made.id)).key.fingerprint).toBe(box.thumbprint);
  });

  test('of many boxes with the same code one gets in', async () => {
    const made = await add('G3');
    const boxes = await Promise.all(Array.from({ length: 6 }, () => createTestBox(core, made.id)));
    const answers = await Promise.all(boxes.map((box) => box.enrol(made.enrolment.code)));
    const winners = boxes.filter((_, at) => answers[at]?.status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect((await edge(made.id)).key.fingerprint).toBe(winners[0]?.thumbprint);
  });

  test('a code ends with its time, with the next code, and is stored only as a hash', async () => {
    const made = await add('G4', { valid_hours: 2 });
    const box = await createTestBox(core, made.id);
    shift = 2 * HOUR + 1_000;
    expect((await box.enrol(made.enrolment.code)).status).toBe(401);
    expect((await edge(made.id)).code_expires_at).toBeNull();
    shift = 0;
    const second = await newCode(made.id);
    const third = await newCode(made.id);
    expect((await box.enrol(second)).status).toBe(401);
    const rows = await database!.db.selectFrom('edge_codes').selectAll().execute();
    const audit = await database!.db.selectFrom('audit_entries').selectAll().execute();
    for (const code of [second, third]) {
      expect(JSON.stringify([rows, audit])).not.toContain(code);
      expect(JSON.stringify([rows, audit])).not.toContain(code.replace('-', ''));
    }
    expect((await box.enrol(third)).status).toBe(200);
    expect((await box.enrol('')).status).toBe(400);
    expect((await box.enrol('WRONG-WRONG')).status).toBe(401);
  });

  test('weeks offline: the key stands for itself, the old token does not', async () => {
    const { box } = await enrolledBox(core, 'G5');
    const token = await box.token();
    expect(await statusOf(token)).toBe(404);
    shift = 60 * 24 * HOUR;
    expect(await statusOf(token)).toBe(401);
    expect(await statusOf(await box.token())).toBe(404);
    shift = 0;
  });

  test('a clock that is off is told the time, and an assertion by that time is taken', async () => {
    const { box } = await enrolledBox(core, 'G6');
    for (const off of [-365 * 86_400, 365 * 86_400]) {
      const now = Math.floor(clock.now() / 1000) + off;
      const refused = await box.exchange(await box.assertion({ iat: now, exp: now + 120 }));
      expect(refused).toMatchObject({ status: 401, body: { code: 'CLOCK_SKEWED' } });
      const iat = Math.floor(Date.parse(refused.body.server_time) / 1000);
      const corrected = await box.exchange(await box.assertion({ iat, exp: iat + 120 }));
      expect(corrected.status).toBe(200);
    }
  });

  test('who is revoked is refused with the next request, and takes part again with a new code and key', async () => {
    const { id, box } = await enrolledBox(core, 'G7');
    const token = await box.token();
    const waiting = await newCode(id);
    expect((await core.call('admin', 'DELETE', `/api/v1/edges/${id}`)).status).toBe(200);
    const ask = () => core.call({ token }, 'POST', '/api/v1/edge/heartbeat', heartbeat(0));
    expect(await ask()).toMatchObject({ status: 401, body: { code: 'EDGE_REVOKED' } });
    expect(await box.exchange()).toMatchObject({ status: 401, body: { code: 'EDGE_REVOKED' } });
    expect((await box.enrol(waiting)).status).toBe(401);
    expect(await edge(id)).toMatchObject({ credential: 'none', key: null });

    const code = await newCode(id);
    expect((await edge(id)).revoked_at).not.toBeNull();
    expect(await box.enrol(code)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    const renewed = await createTestBox(core, id);
    expect((await renewed.enrol(code)).status).toBe(200);
    expect((await edge(id)).revoked_at).toBeNull();
    expect(await statusOf(await renewed.token())).toBe(404);
    expect(await box.exchange()).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect(await statusOf(token)).toBe(401);
  });

  test('a token of two years goes on until the box enrols, and may come back', async () => {
    const made = await add('G8');
    const give = async () =>
      (await core.call('admin', 'POST', `/api/v1/edges/${made.id}/credential`)).body.token;
    const old = await give();
    expect((await edge(made.id)).credential).toBe('token');
    expect(await statusOf(old)).toBe(404);
    const box = await createTestBox(core, made.id);
    const code = await newCode(made.id);
    expect(await statusOf(old)).toBe(404);
    await box.enrol(code);
    expect(await statusOf(old)).toBe(401);
    const short = await box.token();
    const next = await give();
    expect(await statusOf(next)).toBe(404);
    expect(await statusOf(short)).toBe(401);
    expect((await box.exchange()).status).toBe(401);
    // The code was used up by a key that has ended.
    expect((await box.enrol(code)).status).toBe(401);
  });

  test('names and limits are changed by who may, page by page, and audited', async () => {
    const made = await add('G9');
    const changed = await core.call('admin', 'PATCH', `/api/v1/edges/${made.id}`, {
      name: 'By the door',
      silent_after_minutes: 90,
    });
    expect(changed.body).toMatchObject({
      name: 'By the door',
      silent_after_minutes: 90,
      unsent_after_hours: 24,
    });
    const wrong = { silent_after_minutes: 1 };
    const path = `/api/v1/edges/${made.id}`;
    expect((await core.call('admin', 'PATCH', path, wrong)).status).toBe(400);
    expect((await core.call('admin', 'PATCH', path, { revoked_at: null })).status).toBe(400);
    for (const [method, where] of [
      ['GET', '/api/v1/edges'],
      ['GET', '/api/v1/edges/alerts'],
      ['PATCH', path],
      ['POST', `${path}/code`],
      ['DELETE', path],
    ] as const) {
      expect((await core.call('supervisor', method, where)).status).toBe(403);
    }
    const codes: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await core.call('admin', 'GET', `/api/v1/edges?limit=4${cursor}`);
      codes.push(...page.body.items.map((one: { code: string }) => one.code));
      if (page.body.next === null) break;
      cursor = `&cursor=${page.body.next}`;
    }
    expect(codes).toEqual(['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9']);
    const other = await createTestCore(database!.db);
    expect((await other.call('admin', 'GET', '/api/v1/edges')).body.items).toEqual([]);
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await other.call('admin', method, path)).status).toBe(404);
    }
    expect((await other.call('admin', 'POST', `${path}/code`)).status).toBe(404);
    expect((await other.call('admin', 'PATCH', path, { name: 'x' })).status).toBe(404);
    const entries = await database!.db
      .selectFrom('audit_entries')
      .select('action')
      .where('subject_id', '=', made.id)
      .orderBy('id')
      .execute();
    expect(entries.map(({ action }) => action)).toEqual([
      'edges.create',
      'edges.code',
      'edges.update',
    ]);
  });

  test('a code names one box for good', async () => {
    const made = await add('G20');
    const again = await core.call('admin', 'POST', '/api/v1/edges', { code: 'G20', name: 'x' });
    expect(again).toMatchObject({ status: 409, body: { code: 'ALREADY_EXISTS', field: 'code' } });
    expect(again.body.hint).toContain('demeter edge code G20');
    expect((await edge(made.id)).name).toBe('G20');
  });

  test('a box that was never here is removed whole, one that was is not', async () => {
    const remove = (id: string) => core.call('admin', 'POST', `/api/v1/edges/${id}/remove`);
    const made = await add('G21');
    const path = `/api/v1/edges/${made.id}`;
    const configuration = { configuration: { thresholds: { dark: 25 } } };
    expect((await core.call('admin', 'PUT', `${path}/configuration`, configuration)).status).toBe(
      200,
    );
    // As people did about it before.
    await core.call('admin', 'DELETE', path);
    const code = await newCode(made.id);
    expect((await core.call('supervisor', 'POST', `${path}/remove`)).status).toBe(403);
    const other = await createTestCore(database!.db);
    expect((await other.call('admin', 'POST', `${path}/remove`)).status).toBe(404);
    expect(await remove(made.id)).toMatchObject({ status: 200, body: { id: made.id } });
    expect((await core.call('admin', 'GET', path)).status).toBe(404);
    expect((await (await createTestBox(core, made.id)).enrol(code)).status).toBe(401);
    expect((await remove(made.id)).status).toBe(404);

    const enrolled = await enrolledBox(core, 'G22');
    const byToken = await add('G23');
    const { token } = (await core.call('admin', 'POST', `/api/v1/edges/${byToken.id}/credential`))
      .body;
    expect(await statusOf(token)).toBe(404);
    for (const id of [enrolled.id, byToken.id]) {
      await core.call('admin', 'DELETE', `/api/v1/edges/${id}`);
      const refused = await remove(id);
      expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
      expect(refused.body.hint).toContain('Revoke');
      expect((await edge(id)).revoked_at).not.toBeNull();
    }
  });

  test('a key has one name: its bytes written otherwise are refused', async () => {
    const made = await add('G2b');
    const { publicKey } = await createTestBox(core, made.id);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const same = letters[letters.indexOf(publicKey.x.at(-1) ?? '') + 1];
    const public_key = { ...publicKey, x: `${publicKey.x.slice(0, -1)}${same}` };
    expect(Buffer.from(public_key.x, 'base64url')).toEqual(Buffer.from(publicKey.x, 'base64url'));
    const body = { code: made.enrolment.code, public_key };
    expect((await core.call(null, 'POST', '/api/v1/edge/enrol', body)).status).toBe(400);
  });

  test('what is no number or time is refused, not failed', async () => {
    const { box } = await enrolledBox(core, 'G2c');
    const token = await box.token();
    for (const more of [
      { sent_at: '2026-12-31T23:59:60Z' },
      { oldest_unsent_at: '0000-01-01T00:00:00Z' },
      { boot_number: 1e300 },
      { boot_id: 'a\u0000b' },
      { monotonic_ms: 1e308 },
    ]) {
      const said = heartbeat(clock.now(), more);
      const { status } = await core.call({ token }, 'POST', '/api/v1/edge/heartbeat', said);
      expect({ more, status: status < 500 }).toEqual({ more, status: true });
    }
  });
});
