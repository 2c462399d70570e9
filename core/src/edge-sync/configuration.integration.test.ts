import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { sql } from 'kysely';
import { createPlaces } from '../_places-fixture.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { heartbeat } from '../edges/_test-box.ts';
import { type SyncCore, startSyncCore } from './_box.ts';
import { readBoxPlaces } from './box-place-routes.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

interface Manifest {
  readonly version: number;
  readonly edge_id: string;
  readonly not_before: string | null;
  readonly pieces: readonly { name: string; sha256: string; size_bytes: number }[];
}

describe.skipIf(!database)('configuration for boxes (needs DEMETER_TEST_DATABASE_URL)', () => {
  let core: SyncCore;
  let box: Awaited<ReturnType<SyncCore['addBox']>>;
  let other: typeof box;

  beforeAll(async () => {
    core = await startSyncCore(database!);
    [box, other] = [await core.addBox('pull-a'), await core.addBox('pull-b')];
  }, 240_000);

  afterAll(async () => await core?.stop(), 240_000);

  const set = (to: string, body: unknown) => core.call('PUT', `/api/v1/${to}/configuration`, body);
  const pull = (as: typeof box, headers: Record<string, string> = {}) =>
    fetch(`${core.url}/api/v1/edge/configuration`, {
      headers: { authorization: `Bearer ${as.token}`, ...headers },
    });
  const manifestOf = async (as: typeof box): Promise<Manifest> => {
    const { manifest } = (await (await pull(as)).json()) as { manifest: string };
    const keys = (await (await fetch(`${core.url}/api/v1/keys`)).json()) as JSONWebKeySet;
    const options = { algorithms: ['EdDSA'], typ: 'edge-configuration+jws' };
    return (await jwtVerify(manifest, createLocalJWKSet(keys), options))
      .payload as unknown as Manifest;
  };
  const piece = async (as: typeof box, sha256: string, headers: Record<string, string> = {}) =>
    await fetch(`${core.url}/api/v1/edge/configuration/pieces/${sha256}`, {
      headers: { authorization: `Bearer ${as.token}`, ...headers },
    });

  test('a heartbeat is answered with a mark that changes with what the box should have', async () => {
    const beats = await core.addBox('pull-beats');
    const mark = async () => {
      const answer = await fetch(`${core.url}/api/v1/edge/heartbeat`, {
        method: 'POST',
        headers: { authorization: `Bearer ${beats.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(heartbeat(Date.now())),
      });
      expect(answer.status).toBe(200);
      return ((await answer.json()) as { configuration: string | null }).configuration;
    };
    const configure = async (dark: number) => {
      const body = { configuration: { thresholds: { dark } } };
      expect((await set(`edges/${beats.id}`, body)).status).toBe(200);
    };
    expect(await mark()).toBeNull();
    await configure(21);
    const first = await mark();
    expect(first).toBeString();
    // The same, whether the box has pulled it or not.
    await manifestOf(beats);
    expect(await mark()).toBe(first);
    await configure(22);
    expect(await mark()).not.toBe(first);
  });

  test('a box is told the places that stand, once for as long as they are the same', async () => {
    const places = await createPlaces(database!.db);
    await places.add('B-02', 0);
    await places.add('B-01', 1);
    await places.add('B-00', 2);
    await sql`update storage_locations set retired_at = now() where code = 'B-00'`.execute(
      database!.db,
    );
    const ask = (etag: string) =>
      fetch(`${core.url}/api/v1/edge/places`, {
        headers: { authorization: `Bearer ${box.token}`, 'if-none-match': etag },
      });
    const answer = await ask('');
    expect(await answer.json()).toEqual({
      places: [
        { code: 'B-01', name: 'B-01' },
        { code: 'B-02', name: 'B-02' },
      ],
      truncated: false,
    });
    const etag = answer.headers.get('etag') ?? '';
    expect((await ask(etag)).status).toBe(304);
    await places.add('B-03', 3);
    expect((await ask(etag)).status).toBe(200);
    const { id } = await database!.db
      .selectFrom('organisations')
      .select('id')
      .executeTakeFirstOrThrow();
    const cut = await readBoxPlaces(database!.db, id, 2);
    expect([cut.places.map(({ code }) => code), cut.truncated]).toEqual([['B-01', 'B-02'], true]);
    expect((await core.call('GET', '/api/v1/edge/places')).status).toBe(403);
  });

  test('nothing set is nothing signed; what is wrong is refused with its place', async () => {
    expect(await (await pull(box)).json()).toEqual({ manifest: null });
    const wrong = { configuration: { thresholds: { dark: 300 }, polices: {} } };
    const answer = await set(`edges/${box.id}`, wrong);
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toEndWith('did you mean policies?');
    expect(answer.body.problems).toEqual([
      { field: 'configuration.polices', reason: 'is no key here: did you mean policies?' },
      { field: 'configuration.thresholds.dark', reason: expect.stringContaining('0 to 255') },
    ]);
    expect(await (await pull(box)).json()).toEqual({ manifest: null });
    expect((await box.call('GET', `/api/v1/edges/${box.id}/configuration`)).status).toBe(403);
  });

  test("a box's own configuration goes over its group's; each change is a version, the same is none", async () => {
    await set('edge-groups/default', {
      configuration: {
        thresholds: { dark: 10, bright: 200 },
        policies: { poor: { forward: 'hold', keep_days: 3 } },
      },
    });
    expect(await manifestOf(box)).toMatchObject({ version: 1, edge_id: box.id, not_before: null });
    const { body } = await set(`edges/${box.id}`, {
      configuration: { thresholds: { dark: 20 }, policies: { poor: { forward: 'later' } } },
      not_before: '2026-01-01T00:00:00.000Z',
    });
    // A policy is replaced as a whole: the group's days are not the box's.
    const effective = {
      thresholds: { dark: 20, bright: 200 },
      policies: { poor: { forward: 'later' } },
    };
    expect(body).toMatchObject({ manifest_version: 2, applied_version: null });
    expect(body.effective).toEqual(effective);
    const manifest = await manifestOf(box);
    expect(manifest).toMatchObject({ version: 2, not_before: '2026-01-01T00:00:00.000Z' });
    expect((await manifestOf(other)).version).toBe(1);
    const [configuration] = manifest.pieces;
    const bytes = Buffer.from(await (await piece(box, configuration?.sha256 ?? '')).arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(configuration?.sha256 ?? '');
    expect(JSON.parse(bytes.toString())).toEqual(effective);
    // Another box's piece is none of this one's.
    expect((await piece(other, configuration?.sha256 ?? '')).status).toBe(404);

    await set(`edges/${box.id}`, {
      configuration: { thresholds: { dark: 20 }, policies: { poor: { forward: 'later' } } },
      not_before: '2026-01-01T00:00:00.000Z',
    });
    const first = await pull(box);
    expect(first.headers.get('etag')).toBe('"2"');
    expect((await pull(box, { 'if-none-match': '"2"' })).status).toBe(304);
    // Many at once still make one next version.
    await set(`edges/${box.id}`, { configuration: { thresholds: { dark: 21 } } });
    const versions = await Promise.all(Array.from({ length: 8 }, () => manifestOf(box)));
    expect(new Set(versions.map(({ version }) => version))).toEqual(new Set([3]));
    // A box of another group has another default.
    await core.call('PUT', `/api/v1/edges/${other.id}/group`, { group: 'cold-house' });
    expect((await core.call('GET', `/api/v1/edges/${other.id}/configuration`)).body).toMatchObject({
      group: 'cold-house',
      effective: null,
    });
    const audited = await database!.db
      .selectFrom('audit_entries')
      .select(['subject_id', 'before', 'after'])
      .where('action', '=', 'edges.group')
      .execute();
    expect(audited).toEqual([
      { subject_id: other.id, before: { group: 'default' }, after: { group: 'cold-house' } },
    ]);
  });

  test('files of a model are named in the manifest and go on where they were cut', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(300_000));
    const putFile = (body: Uint8Array) =>
      core.upload('PUT', '/api/v1/edge-models/plants/7/files/plants.onnx', body);
    const missing = await set(`edges/${box.id}`, { configuration: {}, models: { plants: '7' } });
    expect(missing.status).toBe(404);
    expect((await putFile(bytes)).status).toBe(200);
    expect((await putFile(bytes)).status).toBe(200);
    expect((await putFile(bytes.slice(1))).status).toBe(409);
    expect(
      (await set(`edges/${box.id}`, { configuration: {}, models: { plants: '7' } })).status,
    ).toBe(200);
    const manifest = await manifestOf(box);
    const file = manifest.pieces.find(({ name }) => name === 'models/plants/7/plants.onnx');
    expect(file).toMatchObject({ size_bytes: bytes.length });
    const whole = await piece(box, file?.sha256 ?? '');
    expect(Buffer.from(await whole.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
    const rest = await piece(box, file?.sha256 ?? '', { range: 'bytes=123456-' });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes 123456-299999/300000`);
    const tail = Buffer.from(await rest.arrayBuffer());
    expect(tail.equals(Buffer.from(bytes.slice(123_456)))).toBe(true);
  });

  test('restored from a backup, the centre goes beyond what the box holds, and says so', async () => {
    const restored = await core.addBox('pull-restored');
    for (const dark of [1, 2, 3]) {
      await set(`edges/${restored.id}`, { configuration: { thresholds: { dark } } });
      expect((await manifestOf(restored)).version).toBe(dark);
    }
    const given = ((await (await pull(restored)).json()) as { manifest: string }).manifest;
    const heldBy = createHash('sha256').update(given).digest('hex');
    const held = { 'demeter-held': `3:${heldBy}`, 'if-none-match': '"3"' };
    expect((await pull(restored, held)).status).toBe(304);
    // As the database was a while ago.
    for (const table of ['edge_manifests', 'edge_configurations'] as const) {
      await database!.db
        .deleteFrom(table)
        .where('edge_id', '=', restored.id)
        .where('version', '>', 1)
        .execute();
    }
    const answers = await Promise.all([1, 2, 3, 4].map(() => pull(restored, held)));
    expect(answers.map(({ headers }) => headers.get('etag'))).toEqual(Array(4).fill('"4"'));
    const manifest = await manifestOf(restored);
    expect(manifest.version).toBe(4);
    const [configuration] = manifest.pieces;
    const document = await (await piece(restored, configuration?.sha256 ?? '')).json();
    expect(document).toMatchObject({ thresholds: { dark: 1 } });
    // A box that cannot take it is not given another one each time.
    expect((await pull(restored, held)).headers.get('etag')).toBe('"4"');
    const audited = await database!.db
      .selectFrom('audit_entries')
      .select(['subject_id', 'actor', 'after'])
      .where('action', '=', 'edges.manifest_anew')
      .execute();
    expect(audited).toEqual([
      { subject_id: restored.id, actor: `edge:${restored.id}`, after: { version: 4 } },
    ]);
  });

  test('a box that says it holds ever more is given it, and fills no table', async () => {
    const boasting = await core.addBox('pull-boasts');
    await set(`edges/${boasting.id}`, { configuration: { thresholds: { dark: 1 } } });
    let last = 1;
    for (let round = 0; round < 12; round++) {
      const { headers } = await pull(boasting, { 'demeter-held': `${last + 1}` });
      last += 2;
      expect(headers.get('etag')).toBe(`"${last}"`);
    }
    const kept = database!.db.selectFrom('edge_manifests').select('version');
    expect(await kept.where('edge_id', '=', boasting.id).execute()).toHaveLength(10);
    const audited = database!.db.selectFrom('audit_entries').select('after');
    expect(await audited.where('actor', '=', `edge:${boasting.id}`).execute()).toEqual([
      { after: { version: 3 } },
    ]);
    // What it holds of the first is old, and no reason for another one.
    const { headers } = await pull(boasting, { 'demeter-held': '2' });
    expect(headers.get('etag')).toBe(`"${last}"`);
  });

  test('what the box says became of it is shown', async () => {
    const said = {
      applied_version: 2,
      on_trial: false,
      refused_version: 3,
      refused_reason: 'the judge failed',
    };
    expect((await box.call('POST', '/api/v1/edge/configuration/state', said)).status).toBe(200);
    const { body } = await core.call('GET', `/api/v1/edges/${box.id}/configuration`);
    expect(body).toMatchObject(said);
  });
});
