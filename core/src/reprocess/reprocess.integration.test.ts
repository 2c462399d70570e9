import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { rejection } from '@demeter/common/testing';
import type {
  Photo__Output,
  ReprocessCompareResponse,
  ReprocessResultsResponse,
} from '@demeter/proto';
import { status } from '@grpc/grpc-js';
import { sql } from 'kysely';
import { until } from '../_processes.ts';
import type { UserPrincipal } from '../auth/principal.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { answer, type ScriptedServer, type Stream } from '../mesh/_scripted-server.ts';
import { pipelineDigest } from '../pipelines/pipeline.ts';
import { LANE_LIVE } from '../queue/lanes.ts';
import { createManualBatch } from '../stock/batches.ts';
import { checkStock } from '../stock/check-stock.ts';
import {
  createGreenhouse,
  type Greenhouse,
  NEW,
  type RunningCore,
  refuse,
  startCountingServer,
  startTestCore,
} from './_reprocess-fixture.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('reprocessing by gRPC (needs DEMETER_TEST_DATABASE_URL)', () => {
  const db = database!.db;
  let server: ScriptedServer;
  let greenhouse: Greenhouse;
  let core: RunningCore;
  let onPhoto: (photo: Photo__Output, stream: Stream) => void;

  beforeEach(async () => {
    const started = await startCountingServer((photo, stream) => onPhoto(photo, stream));
    server = started.server;
    onPhoto = (photo, stream) => answer(photo, stream, 7);
    greenhouse = await createGreenhouse(db, {
      env: { DEMETER_INFERENCE_SERVERS: started.address },
    });
    core = await startTestCore(greenhouse);
    const offers = () => core.counting.mesh.connected()[0]?.view().models.length;
    await until('the server', async () => offers() === 2);
  });
  afterEach(async () => {
    await core.stop();
    server.stop();
    await greenhouse.close();
  });

  const ended = (id: string, state = 'STATE_COMPLETED') =>
    until(`${id} ${state}`, async () => {
      const { reprocessing } = await core.client.call('Get', { reprocessing_id: id });
      return reprocessing.state === state && reprocessing;
    });
  const results = async (request: object): Promise<ReprocessResultsResponse[]> => {
    const stream = core.client.stub.Results(request, core.client.metadata);
    const all: ReprocessResultsResponse[] = [];
    for await (const result of stream) all.push(result);
    return all;
  };
  const standing = async () => {
    const { rows } = await sql`
      select p.sha256, p.state, s.state as session, s.current_run_id, s.detected
        from photos p join photo_sessions s on s.id = p.photo_session_id
       where p.organisation_id = ${greenhouse.nursery.organisationId} order by p.sha256`.execute(
      db,
    );
    return rows;
  };

  test('counts every photo once with the other model, beside what stands', async () => {
    const { nursery, add } = greenhouse;
    const place = await nursery.addLocation('B1', nursery.productId);
    const shas = [];
    for (let i = 0; i < 20; i++) shas.push(await add({ locationId: place, detected: 5 }));
    const poison = await add({ locationId: place, detected: 5 });
    onPhoto = (photo, stream) =>
      photo.sha256.equals(poison) ? refuse(photo, stream) : answer(photo, stream, 7);
    const before = await standing();
    const { plan } = await core.client.call('Plan', { options: { model: 'plants/2' } });
    expect(plan).toMatchObject({
      model: 'plants/2',
      photos: '21',
      in_store: '21',
      counted_already: '0',
      tiles: '84',
      places: '1',
    });
    expect(plan.pipeline_digest).toEqual(pipelineDigest(NEW));
    expect(plan.server_minutes).toBeCloseTo((21 * 600) / 60_000, 6);
    expect(server.photos()).toEqual([]);
    const { reprocessing } = await core.client.call('Start', { plan_id: plan.plan_id, name: 'x' });
    const again = await core.client.call('Start', { plan_id: plan.plan_id, name: 'y' });
    expect(again.reprocessing.reprocessing_id).toBe(reprocessing.reprocessing_id);
    const id = reprocessing.reprocessing_id;
    const found = await results({ reprocessing_id: id, detections: true });
    expect(await ended(id)).toMatchObject({
      counted: '20',
      reused: '0',
      failed: '1',
      plants_before: '100',
      plants_after: '140',
    });
    expect(found.map((one) => one.cursor)).toEqual(found.map((_, i) => String(i + 1)));
    const named = (list: readonly Buffer[]) => list.map((sha) => sha.toString('hex')).sort();
    expect(named(found.map((one) => one.sha256 as Buffer))).toEqual(named([...shas, poison]));
    for (const one of found) {
      const isPoison = poison.equals(one.sha256 as Buffer);
      expect(one).toMatchObject(
        isPoison
          ? { outcome: 'failed', error_code: 'UNDECODABLE_PHOTO', detected: 0, found: null }
          : { outcome: 'counted', detected: 7, detected_before: 5, counts: { plant: 7 } },
      );
      if (!isPoison) expect(one.found?.confidences).toHaveLength(7);
    }
    expect(await standing()).toEqual(before);
    expect(server.photos()).toHaveLength(21);
    // What is there is reused, and what failed is tried again.
    const second = await core.client.start({ options: { model: 'plants/2' } });
    expect(await ended(second.reprocessing_id)).toMatchObject({ reused: '20', failed: '1' });
    expect(server.photos()).toHaveLength(22);
  }, 240_000);

  test('leaves the last credit of a server to a live photo', async () => {
    const { nursery, add } = greenhouse;
    const { organisationId } = nursery;
    for (let i = 0; i < 6; i++) await add({ locationId: null, detected: 5 });
    const held: (() => void)[] = [];
    onPhoto = (photo, stream) => {
      if (photo.lane === LANE_LIVE) answer(photo, stream, 4);
      else held.push(() => answer(photo, stream, 7));
    };
    const { reprocessing_id: id } = await core.client.start({ options: { model: 'plants/2' } });
    await until('bulk photos under way', async () => held.length === 2);
    const sha256 = await add({ locationId: null, detected: null });
    await sql`
      with run as (
        update runs set state = 'waiting', completed_at = null
         where organisation_id = ${organisationId} and sha256 = ${sha256} returning id)
      insert into run_queue (organisation_id, run_id, lane, site, correlation_id)
      select ${organisationId}, id, ${LANE_LIVE}, 'direct', id from run`.execute(db);
    core.counting.wake();
    await until('the live photo', async () => {
      const { rows } = await sql<{ detected: number | null }>`
        select detected from runs where organisation_id = ${organisationId}
           and sha256 = ${sha256}`.execute(db);
      return rows[0]?.detected === 4;
    });
    expect(held).toHaveLength(2);
    onPhoto = (photo, stream) => answer(photo, stream, 7);
    for (const release of held) release();
    expect(await ended(id)).toMatchObject({ counted: '6' });
  }, 240_000);

  test('promotes by proposals, once, and the books agree', async () => {
    const { nursery, add } = greenhouse;
    const { organisationId, productId } = nursery;
    const [more, same, late] = [
      await nursery.addLocation('P1', productId),
      await nursery.addLocation('P2', productId),
      await nursery.addLocation('P3', productId),
    ];
    const byHand = await nursery.addLocation('P4', productId);
    const principal = { organisationId, actor: 'user:hand' } as UserPrincipal;
    await db.transaction().execute(async (trx) => {
      const batch = { product_id: productId, location_id: byHand, quantity: 6 };
      await createManualBatch(trx, principal, batch, new Date());
    });
    await add({ locationId: more, detected: 5 });
    await add({ locationId: same, detected: 7 });
    // Proposes 9 where 7 stand; the new count says 7 again.
    const proposed = await add({ locationId: same, detected: 9 });
    const quarantined = await add({ locationId: late, detected: null });
    const hand = await add({ locationId: byHand, detected: 5 });
    const unplaced = await add({ locationId: null, detected: 5 });
    const { reprocessing_id: id } = await core.client.start({ options: { model: 'plants/2' } });
    await ended(id);
    const lines = async (by: string, changed_only = false) => {
      const request = { reprocessing_id: id, by, changed_only };
      const all: ReprocessCompareResponse[] = [];
      const stream = core.client.stub.Compare(request, core.client.metadata);
      for await (const line of stream) all.push(line);
      return all;
    };
    const place = { photos: '1', before: '5', after: '7' };
    expect(await lines('place')).toMatchObject([
      { key: 'P1', ...place },
      { key: 'P2', photos: '2', before: '9', after: '7' },
      { key: 'P3', ...place, before: '0' },
      { key: 'P4', ...place, truth: '6' },
      { key: '', ...place },
    ]);
    expect((await lines('place'))[0]).not.toHaveProperty('truth');
    expect(await lines('class')).toMatchObject([
      { key: 'plant', photos: '6', before: '31', after: '42' },
    ]);
    const photos = await lines('photo', true);
    expect(photos).toHaveLength(5);
    expect(photos).toContainEqual(
      expect.objectContaining({ key: hand.toString('hex'), ...place, truth: '6' }),
    );
    const promoted = await core.client.call('Promote', { reprocessing_id: id });
    // One for P1, one for P4; the one of P2 that said 9 has ended.
    expect(promoted).toMatchObject({ proposals: '2', unchanged: '3', refused: '0' });
    expect(promoted.reprocessing.state).toBe('STATE_PROMOTED');
    expect(await core.client.call('Promote', { reprocessing_id: id })).toMatchObject({
      ...{ proposals: '2', unchanged: '3', refused: '0' },
    });
    const photoOf = async (sha256: Buffer) => {
      const { rows } = await sql`
        select p.state, s.state as session, s.detected, r.pipeline_digest as digest, r.beside
          from photos p join photo_sessions s on s.id = p.photo_session_id
          join runs r on r.id = s.current_run_id
         where p.organisation_id = ${organisationId} and p.sha256 = ${sha256}`.execute(db);
      return rows[0];
    };
    const current = { state: 'stored', detected: 7, digest: pipelineDigest(NEW), beside: false };
    expect(await photoOf(quarantined)).toEqual({ ...current, session: 'completed' });
    expect(await photoOf(proposed)).toEqual({ ...current, session: 'completed' });
    expect(await photoOf(unplaced)).toEqual({ ...current, session: 'needs_location' });
    const { rows: stock } = await sql`
      select l.code, b.quantity_current as stands,
             (select array_agg(o.counted || ' ' || o.state order by o.id) from stock_proposals o
               where o.stock_batch_id = b.id) as proposals
        from stock_batches b join storage_locations l on l.id = b.storage_location_id
       where b.organisation_id = ${organisationId} order by l.code`.execute(db);
    expect(stock).toEqual([
      { code: 'P1', stands: 5, proposals: ['7 open'] },
      { code: 'P2', stands: 7, proposals: ['9 superseded'] },
      { code: 'P3', stands: 7, proposals: null },
      { code: 'P4', stands: 6, proposals: ['5 superseded', '7 open'] },
    ]);
    expect((await checkStock(db, organisationId)).disagreeing).toEqual([]);
    const error = await rejection(core.client.call('Discard', { reprocessing_id: id }));
    expect(error).toMatchObject({ code: status.ABORTED });
  }, 240_000);
});
