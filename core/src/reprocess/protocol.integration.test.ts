import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { newId } from '@demeter/common/ids';
import { rejection } from '@demeter/common/testing';
import type { ReprocessResultsResponse } from '@demeter/proto';
import { status } from '@grpc/grpc-js';
import { sql } from 'kysely';
import { until } from '../_processes.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { answer, type ScriptedServer } from '../mesh/_scripted-server.ts';
import {
  Client,
  createGreenhouse,
  type Greenhouse,
  type RunningCore,
  startCountingServer,
  startTestCore,
} from './_reprocess-fixture.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

/** A square of about 100 m around a point, as GeoJSON. */
const squareAround = (longitude: number, latitude: number) => {
  const at = (x: number, y: number) => [longitude + x * 0.0005, latitude + y * 0.0005];
  const ring = [at(-1, -1), at(1, -1), at(1, 1), at(-1, 1), at(-1, -1)];
  return JSON.stringify({ type: 'Polygon', coordinates: [ring] });
};

describe.skipIf(!database)('Reprocess (needs DEMETER_TEST_DATABASE_URL)', () => {
  const db = database!.db;
  let server: ScriptedServer;
  let greenhouse: Greenhouse;
  let core: RunningCore;
  /** By what is told of them. */
  const shas: Record<string, Buffer> = {};
  const places: Record<string, string> = {};

  beforeAll(async () => {
    const started = await startCountingServer((photo, stream) => answer(photo, stream, 3));
    server = started.server;
    greenhouse = await createGreenhouse(db, {
      env: { DEMETER_INFERENCE_SERVERS: started.address },
    });
    const { nursery, add } = greenhouse;
    places.one = await nursery.addLocation('L1', nursery.productId);
    places.two = await nursery.addLocation('L2', nursery.otherProductId);
    shas.one = await add({ locationId: places.one, detected: 5 });
    shas.two = await add({ locationId: places.two, detected: 5 });
    shas.failed = await add({ locationId: places.one, detected: null });
    shas.unplaced = await add({ locationId: null, detected: 5 });
    await sql`update photos set captured_at = '2025-06-01T10:00:00Z'
      where sha256 = ${shas.one}`.execute(db);
    await sql`update photos set position = ST_SetSRID(ST_MakePoint(10, 10), 4326)
      where sha256 = ${shas.unplaced}`.execute(db);
    core = await startTestCore(greenhouse);
    const offers = () => core.counting.mesh.connected()[0]?.view().models.length;
    await until('the server', async () => offers() === 2);
  });
  afterAll(async () => {
    await core.stop();
    server.stop();
    await greenhouse.close();
  });

  const options = { model: 'plants/2' };
  const follow = (request: object) =>
    core.client.stub.Results(request, core.client.metadata) as unknown as AsyncIterable<
      ReprocessResultsResponse & { cursor: string; sha256: Buffer }
    > & { cancel(): void };
  const ended = (id: string) =>
    until(`${id} ended`, async () => {
      const { reprocessing } = await core.client.call('Get', { reprocessing_id: id });
      return reprocessing.state === 'STATE_COMPLETED' && reprocessing;
    });

  test.each([
    ['nobody', undefined, status.UNAUTHENTICATED],
    ['a token of nobody', 'x.y.z', status.UNAUTHENTICATED],
    ['a person without the permission', 'supervisor', status.PERMISSION_DENIED],
    ['an edge', 'edge', status.PERMISSION_DENIED],
  ])('is not for %s', async (_, as, code) => {
    const token = async () => {
      if (as === 'supervisor') return await greenhouse.core.token('supervisor');
      if (as !== 'edge') return as;
      const { keys, organisationId } = greenhouse.context;
      const [edgeId, jti] = [newId(), newId()];
      await sql`insert into edges (organisation_id, id, code, name, credential_jti)
        values (${organisationId}, ${edgeId}, ${edgeId}, 'Edge', ${jti})`.execute(db);
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + 600;
      const claims = { organisationId, jti, issuedAt, expiresAt };
      return await keys.signToken('edge', { subject: `edge:${edgeId}`, ...claims });
    };
    const address = core.client.stub.getChannel().getTarget().replace('dns:', '');
    const client = new Client(address, await token());
    expect(await rejection(client.call('Plan', {}))).toMatchObject({ code });
    expect(await rejection(client.call('List', {}))).toMatchObject({ code });
    const watch = client.stub.Watch({ reprocessing_id: newId() }, client.metadata);
    expect(await rejection(once(watch, 'end'))).toMatchObject({ code });
    const process = client.stub.Process(client.metadata);
    expect(await rejection(once(process, 'data'))).toMatchObject({ code });
    client.close();
  });

  test('errors say by code and field what is wrong', async () => {
    const wrong: [object, number, string][] = [
      [{ options: { model: 'plants/7' } }, status.UNAVAILABLE, 'MODEL_UNAVAILABLE'],
      [{ options: { confidence: 2 } }, status.INVALID_ARGUMENT, 'INVALID_INPUT'],
      [{ filter: { places: ['nowhere'] } }, status.NOT_FOUND, 'NOT_FOUND'],
      [{ filter: { products: ['nothing'] } }, status.NOT_FOUND, 'NOT_FOUND'],
      [{ filter: { states: ['sleepy'] } }, status.INVALID_ARGUMENT, 'INVALID_INPUT'],
      [{ filter: { polygon_geojson: '{}' } }, status.INVALID_ARGUMENT, 'INVALID_GEOMETRY'],
      [{ filter: { captured_from: 'May' } }, status.INVALID_ARGUMENT, 'INVALID_INPUT'],
      [{ options: { masks: true } }, status.INVALID_ARGUMENT, 'INVALID_INPUT'],
    ];
    for (const [request, code, named] of wrong) {
      const error = await rejection(core.client.call('Plan', request));
      expect(error).toMatchObject({ code, details: expect.stringContaining(named) });
    }
    const unknown = { reprocessing_id: newId() };
    for (const method of ['Get', 'Pause', 'Promote'] as const) {
      const error = await rejection(core.client.call(method, unknown));
      expect(error).toMatchObject({ code: status.NOT_FOUND });
    }
    const watch = core.client.stub.Watch(unknown, core.client.metadata);
    expect(await rejection(once(watch, 'end'))).toMatchObject({ code: status.NOT_FOUND });
    const name = 'x'.repeat(2 * 1024 * 1024);
    const large = await rejection(core.client.call('Start', { plan_id: newId(), name }));
    expect(large).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  test.each([
    ['everything', {}, ['one', 'two', 'failed', 'unplaced']],
    ['a place by its code', { places: ['L1'] }, ['one', 'failed']],
    ['an area', { places: ['A'] }, ['one', 'two', 'failed']],
    ['a warehouse and a place', { places: ['W', 'L2'] }, ['one', 'two', 'failed']],
    ['a product', { products: ['MAM-2'] }, ['two']],
    ['a state', { states: ['failed', 'needs_location'] }, ['failed', 'unplaced']],
    ['the model they were counted with', { counted_with: 'plants/1' }, ['one', 'two', 'unplaced']],
    ['a model that counted none', { counted_with: 'plants/2' }, []],
    [
      'a period',
      { captured_from: '2025-06-01T10:00:00Z', captured_before: '2025-06-01T10:00:01Z' },
      ['one'],
    ],
    ['a later period', { captured_from: '2025-06-02T00:00:00Z' }, ['two', 'failed', 'unplaced']],
    [
      'a polygon of places',
      { polygon_geojson: squareAround(0.0005, 0.0005) },
      ['one', 'two', 'failed'],
    ],
    ['a polygon of positions', { polygon_geojson: squareAround(10, 10) }, ['unplaced']],
    ['both', { places: ['L1'], states: ['failed'] }, ['failed']],
  ])('chooses by %s, in the plan and in the work', async (_, filter, names) => {
    const { plan } = await core.client.call('Plan', { filter, options });
    expect(plan.photos).toBe(String(names.length));
    const { reprocessing } = await core.client.call('Start', { plan_id: plan.plan_id });
    const found: string[] = [];
    for await (const { sha256 } of follow({ reprocessing_id: reprocessing.reprocessing_id })) {
      found.push(sha256.toString('hex'));
    }
    expect(found.sort()).toEqual(names.map((name) => shas[name]!.toString('hex')).sort());
  });

  test('takes photos by streamed hashes, each once', async () => {
    const planOf = (messages: object[]) => {
      const { promise, resolve, reject } = Promise.withResolvers<{
        plan: never;
        unknown: string;
      }>();
      const stream = core.client.stub.PlanPhotos(core.client.metadata, (error, given) =>
        error ? reject(error) : resolve(given as never),
      );
      for (const message of messages) stream.write(message);
      stream.end();
      return promise;
    };
    const hashes = (...list: Buffer[]) => ({ photos: { sha256s: Buffer.concat(list) } });
    const { plan, unknown } = await planOf([
      { options },
      hashes(shas.one!, Buffer.alloc(32, 7), shas.one!),
      hashes(shas.unplaced!, shas.one!),
      hashes(),
    ]);
    expect(unknown).toBe('1');
    expect(plan).toMatchObject({ photos: '2' });
    const { plan_id } = plan as { plan_id: string };
    const { reprocessing } = await core.client.call('Start', { plan_id });
    expect(await ended(reprocessing.reprocessing_id)).toMatchObject({ photos: '2' });
    const bad = [
      [hashes(shas.one!)],
      [{ options }, { options }],
      [],
      [{ options }, hashes(Buffer.alloc(31))],
    ];
    for (const messages of bad) {
      const error = await rejection(planOf(messages));
      expect(error).toMatchObject({ code: status.INVALID_ARGUMENT });
    }
  });

  test('a client cut off at any result goes on without a gap or a repetition', async () => {
    const { reprocessing_id: id } = await core.client.start({ options });
    const kept: string[] = [];
    let cuts = 0;
    for (let after = ''; kept.length < 4; cuts++) {
      const stream = follow({ reprocessing_id: id, after });
      for await (const { sha256, cursor } of stream) {
        kept.push(sha256.toString('hex'));
        after = cursor;
        break;
      }
      stream.cancel();
    }
    expect(cuts).toBe(4);
    expect(new Set(kept).size).toBe(4);
    for await (const _ of follow({ reprocessing_id: id, after: '4' })) throw new Error('a fifth');
    const wrong = follow({ reprocessing_id: id, after: 'x' });
    const error = await rejection(Array.fromAsync(wrong));
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test('many results come each once, however slowly they are read', async () => {
    await greenhouse.addRows(1_500);
    // They are failures at once: their bytes are in no store.
    await sql`update photos set state = 'expired' where object_key = 'k'`.execute(db);
    const { reprocessing_id: id } = await core.client.start({ options });
    await ended(id);
    const stream = core.client.stub.Results({ reprocessing_id: id }, core.client.metadata);
    stream.pause();
    const positions: number[] = [];
    stream.on('data', ({ cursor }: { cursor: string }) => {
      positions.push(Number(cursor));
      stream.pause();
      setImmediate(() => stream.resume());
    });
    stream.resume();
    await once(stream, 'end');
    expect(positions).toEqual(Array.from({ length: 1_504 }, (_, i) => i + 1));
  }, 240_000);

  test('watching tells each change until the end, and at once where it has ended', async () => {
    const { plan } = await core.client.call('Plan', { filter: { places: ['L1'] }, options });
    const { reprocessing } = await core.client.call('Start', { plan_id: plan.plan_id });
    const { reprocessing_id } = reprocessing;
    const watch = () =>
      Array.fromAsync(
        core.client.stub.Watch({ reprocessing_id }, core.client.metadata) as AsyncIterable<{
          reprocessing: { state: string; reused: string };
        }>,
      );
    const told = await watch();
    expect(told.at(-1)?.reprocessing).toMatchObject({ state: 'STATE_COMPLETED' });
    expect(await watch()).toHaveLength(1);
    const { reprocessings } = await core.client.call('List', { limit: 1 });
    expect(reprocessings).toMatchObject([{ reprocessing_id, state: 'STATE_COMPLETED' }]);
    const { reprocessings: older } = await core.client.call('List', { after: reprocessing_id });
    expect(older.length).toBeGreaterThan(10);
    expect(older[0].reprocessing_id < reprocessing_id).toBe(true);
    const discarded = await core.client.call('Discard', { reprocessing_id });
    expect(discarded.reprocessing.state).toBe('STATE_DISCARDED');
    const error = await rejection(core.client.call('Promote', { reprocessing_id }));
    expect(error).toMatchObject({ code: status.ABORTED });
  });
});
