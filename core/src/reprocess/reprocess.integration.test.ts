import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Photo__Output, ReprocessResultsResponse } from '@demeter/proto';
import { sql } from 'kysely';
import { until } from '../_processes.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import type { ScriptedServer, Stream } from '../mesh/_scripted-server.ts';
import { pipelineDigest } from '../pipelines/pipeline.ts';
import {
  answer,
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
  }, 30_000);
});
