import { beforeEach, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import { createLogger } from '@demeter/common/logger';
import { rejection } from '@demeter/common/testing';
import type { Result__Output } from '@demeter/proto';
import { sql } from 'kysely';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { type CoreEvent, LocalEventBus } from '../events.ts';
import { createMetrics } from '../http/metrics.ts';
import { registerPhoto } from '../photos/register-photo.ts';
import { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import { modelsOf, titleOf } from '../pipelines/pipeline.ts';
import { DEFAULT_THRESHOLDS } from '../pipelines/rollout-rules.ts';
import { type LeasedRun, leaseRuns, readWaitingSites } from '../queue/lease.ts';
import { completeRun } from '../runs/complete-run.ts';
import { failRun } from '../runs/fail-run.ts';
import { RolloutKeeper } from './rollout-keeper.ts';
import { readRollouts } from './rollout-queries.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const log = createLogger('test', parseConfig({ LOG_LEVEL: 'error' }).values);
const model = (version: string) => ({ name: 'plants', version, digest: version.repeat(64) });
const versionOf = (run: LeasedRun) => modelsOf(run.pipeline)[0]!.version;
const THRESHOLDS = { ...DEFAULT_THRESHOLDS, samples_min: 6, samples_pass: 6 };

describe.skipIf(!database)('a rollout (needs DEMETER_TEST_DATABASE_URL)', () => {
  const { db } = database!;
  let organisationId: string;
  let author: { organisationId: string; actor: string };
  let pipelines: ActivePipelineStore;
  let keeper: RolloutKeeper;
  let told: CoreEvent[];

  /** One core, on the same database as the others. */
  const core = (plantsModel = 'plants') => {
    const store = new ActivePipelineStore({
      db,
      organisationId,
      log,
      plantsModel,
      tiling: 'manifest',
    });
    const events = new LocalEventBus(log);
    events.subscribe((event) => told.push(event));
    const context = { db, events, log, metrics: createMetrics(), organisationId };
    return { store, keeper: new RolloutKeeper({ context, pipelines: store, wake: () => {} }) };
  };

  beforeEach(async () => {
    organisationId = newId();
    author = { organisationId, actor: 'user:test' };
    told = [];
    await sql`truncate run_queue`.execute(db);
    await sql`insert into organisations (id, code, name)
      values (${organisationId}, ${organisationId}, 'T')`.execute(db);
    const made = core();
    pipelines = made.store;
    keeper = made.keeper;
    await pipelines.adopt([[model('1')]]);
  });

  const begin = async (phase: 'shadow' | 'canary', percent = 100, autoPromote = false) =>
    await keeper.begin(author, {
      stable: await pipelines.require(),
      model: model('2'),
      phase,
      percent,
      autoPromote,
      thresholds: THRESHOLDS,
    });

  const takePhoto = async (store = pipelines): Promise<Buffer> => {
    const sha256 = createHash('sha256').update(randomBytes(20)).digest();
    await registerPhoto(db, {
      organisationId,
      photo: {
        sha256,
        sizeBytes: 1,
        mediaType: 'image/jpeg',
        objectKey: 'k',
        width: 10,
        height: 10,
        metadata: { captured_at: null, captured_at_local: null, make: null, model: null },
        position: null,
        fault: null,
      },
      sighting: {
        source: 'upload',
        sourceKey: newId(),
        edgeId: null,
        camera: null,
        bootId: null,
        bootNumber: null,
        sequence: null,
        monotonicMs: null,
        fileName: null,
        capturedAt: { captured_at: null, captured_at_local: null },
        capturedAtSource: 'none',
        acceptedAt: new Date(),
        boxTime: null,
        place: null,
        verdict: null,
        uploadedBy: null,
        correlationId: newId(),
        traceparent: null,
      },
      ...(await store.forPhoto(sha256)),
      strictPlace: false,
    });
    return sha256;
  };

  /** What servers would do with all that is queued: `plants` of each version; null: it fails. */
  const countAll = async (plants: Readonly<Record<string, number | null>>, workMs = 50) => {
    for (;;) {
      const waiting = await readWaitingSites(db, 100);
      const turns = waiting.map(({ lane, site, ready }) => ({ lane, site, runs: ready }));
      const runs = await leaseRuns(db, { coreId: 'test', leaseMs: 60_000, turns });
      if (runs.length === 0) return;
      for (const run of runs) await count(run, plants[versionOf(run)], workMs);
    }
  };
  const count = async (run: LeasedRun, plants: number | null | undefined, workMs: number) => {
    if (plants === undefined) return;
    if (plants === null) {
      const failure = { serverId: 's', message: 'It broke.', final: true };
      await failRun(db, run, { ...failure, code: 'INFERENCE_FAILED' });
    } else await completeRun(db, run, { result: toResult(plants, workMs), tags: null });
  };
  const shown = async (sha256: Buffer) => {
    const { rows } = await sql<{ state: string; detected: number | null; version: string }>`
      select s.state, s.detected, d.definition #>> '{roles,plants,version}' as version
        from photos p join photo_sessions s on s.id = p.photo_session_id
        join runs r on r.id = s.current_run_id
        join pipelines d on d.organisation_id = r.organisation_id and d.digest = r.pipeline_digest
       where p.sha256 = ${sha256} and p.state = 'stored'`.execute(db);
    return rows[0];
  };
  const queued = async () => {
    const { rows } = await sql<{ version: string }>`
      select d.definition #>> '{roles,plants,version}' as version from run_queue q
        join runs r on r.id = q.run_id
        join pipelines d on d.organisation_id = r.organisation_id and d.digest = r.pipeline_digest
       order by 1`.execute(db);
    return rows.map(({ version }) => version);
  };
  const state = async () => (await readRollouts(db, organisationId))[0]!.state;

  test('a shadow counts beside the stable version and changes nothing that is shown', async () => {
    await begin('shadow');
    const photos = await Promise.all(Array.from({ length: 5 }, () => takePhoto()));
    expect(await queued()).toEqual(['1', '1', '1', '1', '1', '2', '2', '2', '2', '2']);
    await countAll({ 1: 10, 2: 11 });
    for (const photo of photos) {
      expect(await shown(photo)).toEqual({ state: 'needs_location', detected: 10, version: '1' });
    }
    await keeper.look();
    const [rollout] = await readRollouts(db, organisationId);
    expect(rollout).toMatchObject({ state: 'shadow', verdict: 'wait' });
    expect(rollout!.evidence).toMatchObject({
      photos: 5,
      compared: 5,
      stable_plants: 50,
      candidate_plants: 55,
      latency_ratio: 1,
    });
  });

  test('goes from shadow to canary to promoted as it passes, at any core, and is audited', async () => {
    await begin('shadow', 100, true);
    await Promise.all(Array.from({ length: 6 }, () => takePhoto()));
    await countAll({ 1: 20, 2: 20 });
    const other = core();
    await other.keeper.look();
    expect(await state()).toBe('canary');
    // What the shadow has shown does not count for the canary.
    await keeper.look();
    expect(await state()).toBe('canary');
    pipelines.forget();
    const photos = await Promise.all(Array.from({ length: 6 }, () => takePhoto()));
    await countAll({ 1: 20, 2: 21 });
    expect(await shown(photos[0]!)).toMatchObject({ detected: 21, version: '2' });
    await keeper.look();
    expect(await state()).toBe('promoted');
    const restarted = core().store;
    expect(titleOf((await restarted.require()).definition)).toBe('plants/2');
    expect(await restarted.forPhoto(Buffer.alloc(32))).not.toHaveProperty('rollout');
    const { rows } = await sql<{ action: string; actor: string }>`
      select action, actor from audit_entries where organisation_id = ${organisationId}
       order by id`.execute(db);
    expect(rows.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      'user:test rollouts.start',
      'system rollouts.canary',
      'system rollouts.promoted',
    ]);
    const states = told.flatMap((event) => (event.type === 'rollout' ? [event.data.state] : []));
    expect(states).toEqual(['shadow', 'canary', 'promoted']);
  });

  test('a canary that fails is rolled back; its photos get the stable count, and are booked once', async () => {
    await begin('canary');
    const photos = await Promise.all(Array.from({ length: 4 }, () => takePhoto()));
    await countAll({ 1: 7, 2: null });
    expect(await shown(photos[0]!)).toBeUndefined();
    const late = await takePhoto();
    await keeper.look();
    const [rollout] = await readRollouts(db, organisationId);
    expect(rollout).toMatchObject({ state: 'rolled_back', verdict: 'fail' });
    expect(rollout!.reason).toStartWith('errors: 4 of 5');
    for (const photo of photos) {
      expect(await shown(photo)).toEqual({ state: 'needs_location', detected: 7, version: '1' });
    }
    // One that still waited for the new version is the stable one's to count.
    expect(await queued()).toEqual(['1']);
    await countAll({ 1: 8 });
    expect(await shown(late)).toEqual({ state: 'needs_location', detected: 8, version: '1' });
    pipelines.forget();
    await takePhoto();
    expect(await queued()).toEqual(['1']);
  });

  test('a canary that never answers is rolled back once its turn has long come, not before', async () => {
    await begin('canary');
    const photos = await Promise.all(Array.from({ length: 3 }, () => takePhoto()));
    await countAll({ 1: 7 });
    await sql`update runs set completed_at = completed_at - interval '4 minutes',
      started_at = null where organisation_id = ${organisationId}`.execute(db);
    await keeper.look();
    expect(await state()).toBe('canary');
    await sql`update runs set started_at = now() - interval '4 minutes'
      where organisation_id = ${organisationId}`.execute(db);
    await keeper.look();
    const [rollout] = await readRollouts(db, organisationId);
    expect(rollout).toMatchObject({ state: 'rolled_back', verdict: 'fail' });
    expect(rollout!.reason).toStartWith('missing data: 3 of 3');
    for (const photo of photos) {
      expect(await shown(photo)).toEqual({ state: 'needs_location', detected: 7, version: '1' });
    }
  });

  test('while it is open a photo that only the new version cannot count falls back at once', async () => {
    await begin('canary');
    const photo = await takePhoto();
    await countAll({ 1: 7, 2: null });
    await keeper.look();
    expect(await state()).toBe('canary');
    expect(await shown(photo)).toEqual({ state: 'needs_location', detected: 7, version: '1' });
  });

  test('no photo is given to a version that was rolled back meanwhile', async () => {
    const { id } = await begin('canary');
    const behind = core().store;
    await behind.require();
    await keeper.change(author, id, { to: 'rolled_back', reason: 'a person' });
    await takePhoto(behind);
    expect(await queued()).toEqual(['1']);
  });

  test('a version that was rolled back is not taken again because a server has it', async () => {
    const { id } = await begin('canary');
    await pipelines.adopt([[model('1'), model('2')]]);
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/1');
    await keeper.change(author, id, { to: 'rolled_back', reason: 'a person' });
    await pipelines.adopt([[model('1'), model('2')]]);
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/1');
  });

  test('holds back a version, not the file: the same one may count under another', async () => {
    const { id } = await keeper.begin(author, {
      stable: await pipelines.require(),
      model: { ...model('1'), version: '2' },
      phase: 'canary',
      percent: 5,
      autoPromote: false,
      thresholds: THRESHOLDS,
    });
    await keeper.change(author, id, { to: 'rolled_back', reason: 'a person' });
    await pipelines.adopt([[model('1'), { ...model('1'), version: '2' }]]);
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/1');
  });

  test('a promoted version is rolled back to the one before, by a person', async () => {
    const { id } = await begin('canary');
    await keeper.change(author, id, { to: 'promoted', reason: 'a person' });
    await pipelines.adopt([[model('1'), model('2')]]);
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/2');
    await keeper.change(author, id, { to: 'rolled_back', reason: 'a person' });
    await pipelines.adopt([[model('1'), model('2')]]);
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/1');
    const again = keeper.change(author, id, { to: 'promoted', reason: 'a person' });
    expect(await rejection(again)).toMatchObject({ code: 'CONFLICT' });
  });

  test('a version that another one has followed is not rolled back any more', async () => {
    const { id } = await begin('canary');
    await keeper.change(author, id, { to: 'promoted', reason: 'a person' });
    await pipelines.adopt([[model('1'), model('2'), model('3')]]);
    const back = keeper.change(author, id, { to: 'rolled_back', reason: 'a person' });
    expect(await rejection(back)).toMatchObject({ code: 'CONFLICT' });
  });

  test('of one model of an ensemble leaves the others, and may add one to it', async () => {
    const rose = { name: 'roses', version: '1', digest: 'f'.repeat(64) };
    const { store, keeper } = core('plants,roses');
    const start = async (tried: typeof rose) =>
      await keeper.begin(author, {
        stable: await store.require(),
        model: tried,
        phase: 'canary',
        percent: 100,
        autoPromote: false,
        thresholds: THRESHOLDS,
      });
    const title = async () => titleOf((await store.require()).definition);
    const change = (id: string, to: 'promoted' | 'rolled_back') =>
      keeper.change(author, id, { to, reason: 'a person' });

    const joins = await start(rose);
    await store.adopt([[model('1'), rose]]);
    expect(await title()).toBe('plants/1');
    const { pipeline, rollout } = await store.forPhoto(Buffer.alloc(32));
    expect(titleOf(pipeline.definition)).toBe('plants/1');
    expect(rollout && titleOf(rollout.candidate.definition)).toBe('plants/1, roses/1');
    await change(joins.id, 'promoted');
    await store.adopt([[model('1'), rose]]);
    expect(await title()).toBe('plants/1, roses/1');

    const { id } = await start(model('2'));
    await change(id, 'promoted');
    expect(await title()).toBe('plants/2, roses/1');
    await change(id, 'rolled_back');
    await store.adopt([[model('1'), model('2'), rose]]);
    expect(await title()).toBe('plants/1, roses/1');
  });

  test('one at a time, and only as many photos as were asked for', async () => {
    await begin('shadow', 25);
    expect(await rejection(begin('shadow'))).toMatchObject({ code: 'CONFLICT' });
    const photos = Array.from({ length: 400 }, () => randomBytes(32));
    const chosen = await Promise.all(photos.map((sha256) => pipelines.forPhoto(sha256)));
    const sampled = chosen.filter(({ rollout }) => rollout !== undefined).length;
    expect(sampled).toBeGreaterThan(50);
    expect(sampled).toBeLessThan(160);
  });

  test('says nothing any more, and ends, when another pipeline was activated meanwhile', async () => {
    await begin('shadow');
    await pipelines.adopt([[model('1'), model('2'), model('3')]]);
    await keeper.look();
    const [rollout] = await readRollouts(db, organisationId);
    expect(rollout).toMatchObject({
      state: 'rolled_back',
      reason: 'another pipeline was activated meanwhile',
    });
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/3');
  });
});

function toResult(plants: number, workMs: number): Result__Output {
  const objects = Array.from({ length: plants }, (_, i) => i);
  return {
    sha256: Buffer.alloc(0),
    width: 100,
    height: 100,
    counted_long_side_px: 640,
    tiles: 1,
    capped: false,
    provider: 'cpu',
    server_id: 's',
    timings: { queue_ms: 1000, total_ms: 1000 + workMs },
    detections: {
      boxes: objects.flatMap((i) => [i, i, i + 5, i + 5]),
      confidences: objects.map(() => 0.9),
      class_ids: objects.map(() => 0),
      class_names: ['plant'],
    },
  } as unknown as Result__Output;
}
