import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newId } from '@demeter/common/ids';
import { S3_SERVERS } from '@demeter/common/object-store/_test-bucket';
import { enlarge } from '@demeter/common/testing';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { sql } from 'kysely';
import { createPlaces, type Places } from '../_places-fixture.ts';
import { type CoreProcess, type Environment, runAdmin, startCoreProcess } from '../_processes.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { makePhoto, ulid } from '../edge-sync/_box.ts';
import { pipelineDigest, toDefinition } from '../pipelines/pipeline.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

interface Answer {
  readonly state: 'put' | 'stored';
  readonly key: string;
  readonly grant: { url: string; headers: Record<string, string>; expires_at: string };
}

describe.skipIf(!database)('edge boxes at the core (needs DEMETER_TEST_DATABASE_URL)', () => {
  describe('with a folder as store', () => suite(null));
  for (const s3 of S3_SERVERS) {
    const name = `with ${s3.name} as store (needs ${s3.needs})`;
    describe.skipIf(!s3.endpoint)(name, () => suite(s3));
  }
});

function suite(s3: (typeof S3_SERVERS)[number] | null) {
  let scratch: string;
  let core: CoreProcess;
  let places: Places;
  let edges: { a: string; b: string };
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'demeter-edges-'));
    const run = crypto.randomUUID().slice(0, 8);
    const env: Environment = {
      DATABASE_URL: database!.url,
      JWT_SECRET_KEY: 'a-secret-of-at-least-32-characters',
      DEMETER_STORE_DIR: path.join(scratch, 'store'),
      ...(s3
        ? {
            S3_ENDPOINT: s3.endpoint ?? '',
            S3_PUBLIC_ENDPOINT: s3.endpoint ?? '',
            AWS_ACCESS_KEY_ID: s3.accessKey,
            AWS_SECRET_ACCESS_KEY: s3.secretKey,
            S3_BUCKET_ORIGINAL: `edges-original-${run}`,
            S3_BUCKET_VISUALIZATION: `edges-viz-${run}`,
          }
        : {}),
    };
    await runAdmin(['init'], env);
    if (!s3) places = await createPlaces(database!.db);
    const { organisationId } = places ?? (await existing());
    // A pipeline as a server would have offered it, so that no server is needed to take photos.
    const definition = toDefinition(
      { name: 'yolov8n_int8_640', version: '1', digest: 'ab'.repeat(32) },
      { mode: 'manifest' },
    );
    await sql`insert into pipelines (organisation_id, digest, definition)
      values (${organisationId}, ${pipelineDigest(definition)}, ${JSON.stringify(definition)})
      on conflict do nothing`.execute(database!.db);
    core = await startCoreProcess(env);
    const admin = JSON.parse(await runAdmin(['token', '--role', 'admin', '--json'], env)).token;
    const add = async (code: string) => {
      const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
      const made = await fetch(`${core.ready.http}/api/v1/edges`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ code: `${code}-${run}`, name: code }),
      });
      const { id } = (await made.json()) as { id: string };
      const given = await fetch(`${core.ready.http}/api/v1/edges/${id}/credential`, {
        method: 'POST',
        headers,
      });
      tokens[id] = ((await given.json()) as { token: string }).token;
      return id;
    };
    edges = { a: await add('edge-a'), b: await add('edge-b') };
    tokens.admin = admin;
  }, 240_000);

  afterAll(async () => {
    await core?.stop();
    await rm(scratch, { recursive: true, force: true });
  }, 240_000);

  const existing = async () => ({
    organisationId: (
      await database!.db
        .selectFrom('organisations')
        .select('id')
        .where('code', '=', 'demeter')
        .executeTakeFirstOrThrow()
    ).id,
  });
  const photo = async () => new Uint8Array((await makePhoto()).bytes);
  const shaOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const call = (edge: string, to: string, body?: unknown) =>
    fetch(new URL(to, core.ready.http), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${tokens[edge]}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const grant = async (edge: string, bytes: Uint8Array) => {
    const answer = await call(edge, '/api/v1/edge/grants', {
      sha256: shaOf(bytes),
      size_bytes: bytes.length,
      media_type: 'image/jpeg',
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Answer;
  };
  const put = (given: Answer['grant'], bytes: Uint8Array) =>
    fetch(new URL(given.url, core.ready.http), {
      method: 'PUT',
      headers: given.headers,
      body: new Uint8Array(bytes),
    });
  const registration = (bytes: Uint8Array, more: Record<string, unknown> = {}) => ({
    sha256: shaOf(bytes),
    size_bytes: bytes.length,
    media_type: 'image/jpeg',
    file_name: 'bench.jpg',
    sighting: {
      id: ulid(),
      camera: 'cam-1',
      boot_id: 'boot',
      sequence: 7,
      monotonic_ms: 12.5,
      captured_at: null,
      captured_at_local: '2026-07-01T10:00:00',
      captured_at_source: 'exif',
      accepted_at: new Date().toISOString(),
    },
    correlation_id: newId(),
    ...more,
  });
  const register = (edge: string, body: unknown) => call(edge, '/api/v1/edge/photos', body);

  test('a photo is granted, put, registered; its receipt can be checked by anybody', async () => {
    const bytes = await photo();
    const { state, grant: given, key } = await grant(edges.a, bytes);
    expect(state).toBe('put');
    expect(key).toContain(`/${edges.a}/`);
    expect([200, 201]).toContain((await put(given, bytes)).status);
    expect((await put(given, bytes)).status).toBe(412);
    const body = registration(bytes);
    const first = await register(edges.a, body);
    expect(first.status).toBe(201);
    const { receipt } = (await first.json()) as { receipt: string };
    const keys = (await (await fetch(`${core.ready.http}/api/v1/keys`)).json()) as JSONWebKeySet;
    const { payload, protectedHeader } = await compactVerify(receipt, createLocalJWKSet(keys));
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'receipt+jws' });
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({
      sha256: shaOf(bytes),
      size_bytes: bytes.length,
      key: expect.stringContaining(`photos/`),
    });
    const again = await register(edges.a, body);
    expect(again.status).toBe(200);
    expect((await grant(edges.a, bytes)).state).toBe('stored');
    const { rows } = await sql<{ sightings: number; queued: number; site: string }>`
      select (select count(*)::int from sightings where sha256 = ${Buffer.from(shaOf(bytes), 'hex')})
               as sightings, count(*)::int as queued, min(q.site) as site
        from run_queue q join runs r on r.id = q.run_id
       where r.sha256 = ${Buffer.from(shaOf(bytes), 'hex')}`.execute(database!.db);
    expect(rows).toEqual([{ sightings: 1, queued: 1, site: edges.a }]);
  });

  test('the photo of a box a year ahead has the time it was taken at, and what was said', async () => {
    const bytes = await photo();
    await put((await grant(edges.b, bytes)).grant, bytes);
    const [taken, ahead] = [Date.now() - 600_000, 365 * 86_400_000];
    const said = new Date(taken + ahead).toISOString();
    const boot = { boot_id: 'start-3', boot_number: 3 };
    const body = registration(bytes);
    const times = { captured_at: said, captured_at_local: null, captured_at_source: 'file' };
    Object.assign(body.sighting, { ...boot, monotonic_ms: 1_000, ...times, accepted_at: said });
    const sent_at = new Date(Date.now() + ahead).toISOString();
    await register(edges.b, { ...body, clock: { ...boot, sent_at, monotonic_ms: 601_000 } });
    const shown = await (await call('admin', `/api/v1/photos/${shaOf(bytes)}`)).json();
    expect(shown).toMatchObject({ time_flag: 'corrected', captured_at_said: said });
    expect(Math.abs(Date.parse((shown as typeof times).captured_at) - taken)).toBeLessThan(60_000);
  });

  test('a signed link leads to the bytes: from the core, or by redirection where the store has an address', async () => {
    const bytes = await photo();
    await put((await grant(edges.a, bytes)).grant, bytes);
    await register(edges.a, registration(bytes));
    const answer = await call('admin', `/api/v1/photos/${shaOf(bytes)}`);
    const { links } = (await answer.json()) as { links: { original: string } };
    const first = await fetch(links.original, { redirect: 'manual' });
    expect(first.status).toBe(s3 ? 302 : 200);
    expect(shaOf(await (await fetch(links.original)).bytes())).toBe(shaOf(bytes));
    const later = links.original.replace(/expires=\d+/, `expires=${Date.now() + 9e9}`);
    expect((await fetch(later)).status).toBe(403);
  });

  test('a grant takes these bytes only', async () => {
    const bytes = await photo();
    const other = await photo();
    const { grant: given } = await grant(edges.a, bytes);
    const wrong = await put(given, other.length === bytes.length ? other : other.slice(0, 50));
    expect([400, 403, 411, 422]).toContain(wrong.status);
    const forged = { ...given, url: given.url.replace(/signature=.{6}/i, 'signature=AAAAAA') };
    expect([400, 403]).toContain((await put(forged, bytes)).status);
    expect((await register(edges.a, registration(bytes))).status).toBe(409);
    expect([200, 201]).toContain((await put(given, bytes)).status);
  });

  test('a large photo comes whole from an edge that knows no parts, or where the store has none', async () => {
    const bytes = enlarge(await photo(), 8.5 * 1024 * 1024);
    const asked = { sha256: shaOf(bytes), size_bytes: bytes.length, media_type: 'image/jpeg' };
    expect((await grant(edges.a, bytes)).state).toBe('put');
    if (s3) return;
    const answer = await call(edges.a, '/api/v1/edge/grants', { ...asked, parts: true });
    expect(await answer.json()).toMatchObject({ state: 'put' });
    const to = `/api/v1/edge/uploads/${asked.sha256}/complete`;
    expect((await call(edges.a, to, { upload_id: 'x', size_bytes: 1 })).status).toBe(501);
  });

  const inParts = () => {
    const MIB = 1024 * 1024;
    const begin = async (edge: string, bytes: Uint8Array) => {
      const sha256 = shaOf(bytes);
      const asked = { sha256, size_bytes: bytes.length, media_type: 'image/jpeg', parts: true };
      const answer = await call(edge, '/api/v1/edge/grants', asked);
      const { state, upload } = (await answer.json()) as {
        state: string;
        upload: { id: string; part_bytes: number };
      };
      const slices = Array.from(
        { length: upload ? Math.ceil(bytes.length / upload.part_bytes) : 0 },
        (_, at) => bytes.subarray(at * upload.part_bytes, (at + 1) * upload.part_bytes),
      );
      const parts = slices.map((slice, at) => ({
        number: at + 1,
        size_bytes: slice.length,
        sha256: shaOf(slice),
      }));
      const missing = async (by = edge) => {
        const to = `/api/v1/edge/uploads/${sha256}/parts`;
        return await call(by, to, { upload_id: upload.id, parts });
      };
      const complete = async (by = edge) => {
        const to = `/api/v1/edge/uploads/${sha256}/complete`;
        return await call(by, to, { upload_id: upload.id, size_bytes: bytes.length });
      };
      return { sha256, state, upload, slices, missing, complete };
    };
    const grantsOf = async (answer: Response) => {
      expect(answer.status).toBe(200);
      return ((await answer.json()) as { missing: { number: number; grant: Answer['grant'] }[] })
        .missing;
    };

    test('what has arrived is not asked for again, and the whole is registered', async () => {
      const bytes = enlarge(await photo(), 11 * MIB);
      const { state, upload, slices, missing, complete } = await begin(edges.a, bytes);
      expect(state).toBe('parts');
      expect(slices.map(({ length }) => length)).toEqual([
        5 * MIB,
        5 * MIB,
        bytes.length - 10 * MIB,
      ]);
      const all = await grantsOf(await missing());
      expect(all.map(({ number }) => number)).toEqual([1, 2, 3]);
      expect([400, 403]).toContain((await put(all[0]!.grant, slices[1]!)).status);
      expect((await put(all[1]!.grant, slices[1]!)).status).toBe(200);
      expect((await complete()).status).toBe(409);
      expect((await begin(edges.a, bytes)).upload.id).toBe(upload.id);
      const rest = await grantsOf(await missing());
      expect(rest.map(({ number }) => number)).toEqual([1, 3]);
      for (const { number, grant: given } of rest) await put(given, slices[number - 1]!);
      expect(await grantsOf(await missing())).toEqual([]);
      expect((await complete()).status).toBe(200);
      expect((await complete()).status).toBe(200);
      expect((await missing()).status).toBe(404);
      expect((await begin(edges.a, bytes)).state).toBe('stored');
      expect((await register(edges.a, registration(bytes))).status).toBe(201);
    }, 240_000);

    test('parts that no photo can have are not granted', async () => {
      const { sha256, upload } = await begin(edges.a, enlarge(await photo(), 8.5 * MIB));
      const ask = async (more: object) => {
        const part = { number: 1, size_bytes: 5 * MIB, sha256: 'a'.repeat(64), ...more };
        const body = { upload_id: upload.id, parts: [part] };
        return (await call(edges.a, `/api/v1/edge/uploads/${sha256}/parts`, body)).status;
      };
      expect(await ask({})).toBe(200);
      expect(await ask({ size_bytes: 64 * MIB })).toBe(413);
      expect(await ask({ number: 10_000 })).toBe(413);
    });

    test('another edge has no part in it', async () => {
      const bytes = enlarge(await photo(), 8.5 * MIB);
      const { missing, complete } = await begin(edges.a, bytes);
      expect((await missing(edges.b)).status).toBe(404);
      expect((await complete(edges.b)).status).toBe(404);
      expect((await missing()).status).toBe(200);
    });
  };
  if (s3) describe('in parts', inParts);

  test('registered before it was put is told so', async () => {
    const answer = await register(edges.a, registration(await photo()));
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'PHOTO_NOT_IN_STORE' });
  });

  test('an edge sees its own photos only, and nothing else of the API', async () => {
    const bytes = await photo();
    const { grant: given } = await grant(edges.a, bytes);
    await put(given, bytes);
    await register(edges.a, registration(bytes));
    const own = await call(edges.a, `/api/v1/edge/photos/${shaOf(bytes)}`);
    expect(await own.json()).toMatchObject({ photo_id: shaOf(bytes), state: 'stored' });
    expect((await call(edges.b, `/api/v1/edge/photos/${shaOf(bytes)}`)).status).toBe(404);
    const states = { photos: [shaOf(bytes), 'a'.repeat(64)] };
    const asked = async (edge: string) =>
      await (await call(edge, '/api/v1/edge/photos/states', states)).json();
    expect(await asked(edges.a)).toMatchObject({ photos: [{ photo_id: shaOf(bytes) }] });
    expect(await asked(edges.b)).toEqual({ photos: [] });
    for (const to of ['/api/v1/photos', `/api/v1/photos/${shaOf(bytes)}`, '/api/v1/runs']) {
      expect((await call(edges.a, to)).status).toBe(403);
    }
    expect((await call('admin', '/api/v1/edge/grants', {})).status).toBe(403);
    expect((await call('nobody', '/api/v1/photos')).status).toBe(401);
  });

  test('the same photo from two edges is one photo with two sightings', async () => {
    const bytes = await photo();
    for (const edge of [edges.a, edges.b]) {
      const { state, grant: given } = await grant(edge, bytes);
      if (state === 'put') await put(given, bytes);
      expect([200, 201]).toContain((await register(edge, registration(bytes))).status);
    }
    expect((await call(edges.b, `/api/v1/edge/photos/${shaOf(bytes)}`)).status).toBe(200);
  });

  test('a sighting that another photo has is refused', async () => {
    const [one, two] = [await photo(), await photo()];
    const { sighting } = registration(one);
    for (const bytes of [one, two]) await put((await grant(edges.a, bytes)).grant, bytes);
    expect((await register(edges.a, registration(one, { sighting }))).status).toBe(201);
    expect((await register(edges.a, registration(two, { sighting }))).status).toBe(409);
  });

  test('a photo that its box had to note anew says so until somebody knows it better', async () => {
    const bytes = await photo();
    await put((await grant(edges.a, bytes)).grant, bytes);
    const { sighting } = registration(bytes);
    const recovered = async () => {
      const answer = await call('admin', `/api/v1/photos/${shaOf(bytes)}`);
      return ((await answer.json()) as { recovered: boolean }).recovered;
    };
    const anew = { ...sighting, camera: 'unknown', recovered: true };
    expect((await register(edges.a, registration(bytes, { sighting: anew }))).status).toBe(201);
    expect(await recovered()).toBe(true);
    expect((await register(edges.a, registration(bytes))).status).toBe(200);
    expect(await recovered()).toBe(false);
  });

  test('a place that is unknown, or can be none, refuses nothing', async () => {
    const bytes = await photo();
    await put((await grant(edges.a, bytes)).grant, bytes);
    for (const [place, status] of [
      [{ location_code: 'A1\0' }, 201],
      [{ location_code: 'A1\ud800' }, 200],
      [{ location_code: 'nowhere' }, 200],
      [{ location_id: '01890000-0000-7000-8000-0000000000ff' }, 200],
    ] as const) {
      const answer = await register(edges.a, registration(bytes, { place }));
      expect({ place, status: answer.status }).toEqual({ place, status });
    }
  });

  test('a photo whose header cannot be decoded has a receipt and is quarantined', async () => {
    const bytes = await photo();
    // The marker of the frame is whole; the tables before it are not.
    const spoiled = new Uint8Array(bytes);
    spoiled.set([0xff, 0xff, 0xff, 0xff], 26);
    await put((await grant(edges.a, spoiled)).grant, spoiled);
    const answer = await register(edges.a, registration(spoiled));
    expect(answer.status).toBe(201);
    expect(((await answer.json()) as { receipt: string }).receipt.split('.')).toHaveLength(3);
  });
}
