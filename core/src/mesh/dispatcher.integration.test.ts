import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import { createLogger } from '@demeter/common/logger';
import { originalKey } from '@demeter/common/object-keys';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import type { Photo__Output } from '@demeter/proto';
import { ChannelCredentials, status } from '@grpc/grpc-js';
import { sql } from 'kysely';
import { Registry as MetricsRegistry } from 'prom-client';
import { until } from '../_processes.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { LocalEventBus } from '../events.ts';
import { createMetrics } from '../http/metrics.ts';
import { PhotoEye } from '../photos/photo-eye.ts';
import { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import { pipelineDigest, toDefinition } from '../pipelines/pipeline.ts';
import { Drawer } from '../runs/drawer.ts';
import { createRunMetrics } from '../runs/metrics.ts';
import { createRunHandler } from '../runs/run-handler.ts';
import { answer, ScriptedServer, type Stream } from './_scripted-server.ts';
import { Dispatcher } from './dispatcher.ts';
import { ModelLoader } from './loader.ts';
import { Mesh } from './mesh.ts';
import { createMeshMetrics } from './metrics.ts';
import { Registry } from './registry.ts';
import { Sender } from './sender.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const MODEL = { name: 'plants', version: '1', digest: '01'.repeat(32) };
const DEFINITION = toDefinition(MODEL, { mode: 'manifest' });
const log = createLogger('test', parseConfig({ LOG_LEVEL: 'error' }).values);

describe.skipIf(!database)('the dispatcher (needs DEMETER_TEST_DATABASE_URL)', () => {
  const db = database!.db;
  let scratch: string;
  let organisationId: string;
  let originals: DirectoryObjectStore;
  let servers: ScriptedServer[];
  let mesh: Mesh;
  let dispatcher: Dispatcher;
  let handlerLeaseMs: number;

  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'demeter-dispatch-'));
    originals = new DirectoryObjectStore(scratch);
    await originals.init();
    organisationId = newId();
    await sql`truncate run_queue`.execute(db);
    await sql`insert into organisations (id, code, name)
      values (${organisationId}, ${organisationId}, 'T')`.execute(db);
    await sql`insert into pipelines (organisation_id, digest, definition) values
      (${organisationId}, ${pipelineDigest(DEFINITION)}, ${JSON.stringify(DEFINITION)})`.execute(
      db,
    );
    servers = [];
    handlerLeaseMs = 30_000;
  });
  afterEach(async () => {
    await dispatcher.stop();
    await mesh.stop();
    for (const server of servers) server.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  /** Starts a core's dispatcher on as many scripted servers. */
  const start = async (
    count: number,
    onPhoto: Behaviour,
    { photoDeadlineMs = 10_000, prepare = () => {} }: StartOptions = {},
  ) => {
    const addresses: string[] = [];
    for (let i = 0; i < count; i++) {
      const server = new ScriptedServer();
      server.id = `server-${i}`;
      server.credits = 3;
      server.report.models![0]!.digest = Buffer.from(MODEL.digest, 'hex');
      server.onPhoto = (photo, stream) => onPhoto(photo, stream, server);
      prepare(server, i);
      servers.push(server);
      addresses.push(`127.0.0.1:${await server.listen()}`);
    }
    const coreId = newId();
    const registry = new Registry(null, systemClock, organisationId);
    mesh = new Mesh({
      coreId,
      log,
      clock: systemClock,
      registry,
      staticServers: addresses,
      credentials: ChannelCredentials.createInsecure(),
    });
    const events = new LocalEventBus(log);
    const context = { db, originals, derived: originals, events, log, clock: systemClock };
    const eye = new PhotoEye();
    const pipelines = new ActivePipelineStore({
      db,
      organisationId,
      log,
      plantsModel: 'plants',
      tiling: 'manifest',
    });
    const choosing = { mesh, clock: systemClock, log };
    const meshMetrics = createMeshMetrics(new MetricsRegistry());
    dispatcher = new Dispatcher({
      coreId,
      db,
      log,
      mesh,
      registry,
      sender: new Sender({ ...choosing, metrics: meshMetrics }),
      held: { waiting: () => [], take: () => false },
      loader: new ModelLoader({ ...choosing, metrics: meshMetrics }),
      handler: createRunHandler({
        context: { ...context, organisationId, metrics: createMetrics() },
        eye,
        pipelines,
        drawer: new Drawer(context, eye),
        metrics: createRunMetrics(context, new MetricsRegistry()),
        onBeside: () => {},
      }),
      leaseMs: handlerLeaseMs,
      photoDeadlineMs,
    });
    mesh.start();
    const ready = () => mesh.connected().filter((one) => one.view().ready).length;
    await until('all connected', async () => ready() === count);
    dispatcher.start();
    return servers;
  };

  /** A photo in store, database and queue; its place is named, so that no tag is searched. */
  const add = async (): Promise<string> => {
    const bytes = randomBytes(500);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const key = originalKey({ organisationId, sha256 });
    await originals.put(key, { bytes }, { sha256, sizeBytes: 500, mediaType: 'image/jpeg' });
    const [session, run] = [newId(), newId()];
    const sha = Buffer.from(sha256, 'hex');
    await db.transaction().execute(async (trx) => {
      await sql`insert into photo_sessions (organisation_id, id, state, current_run_id)
        values (${organisationId}, ${session}, 'pending', ${run})`.execute(trx);
      await sql`insert into photos (organisation_id, sha256, photo_session_id, state, size_bytes,
        media_type, object_key) values (${organisationId}, ${sha}, ${session}, 'stored', 500,
        'image/jpeg', ${key})`.execute(trx);
      await sql`insert into runs (organisation_id, id, sha256, pipeline_digest, state, created_at)
        values (${organisationId}, ${run}, ${sha}, ${pipelineDigest(DEFINITION)}, 'waiting',
        ${new Date()})`.execute(trx);
      await sql`insert into run_queue (organisation_id, run_id, lane, site, correlation_id)
        values (${organisationId}, ${run}, 0, 'direct', ${run})`.execute(trx);
    });
    return sha256;
  };
  const runOf = async (sha256: string) => {
    const { rows } = await sql<{ state: string; detected: number | null; attempts: string[] }>`
      select r.state, r.detected, array(select code || ' ' || server_id from run_attempts a
               where a.run_id = r.id order by a.id) as attempts
        from runs r where r.sha256 = ${Buffer.from(sha256, 'hex')}`.execute(db);
    return rows[0]!;
  };
  const ended = (sha256: string) =>
    until(`${sha256} ended`, async () => {
      const run = await runOf(sha256);
      return (run.state === 'completed' || run.state === 'quarantined') && run;
    });

  test('spreads photos over the servers and never exceeds their credits', async () => {
    const underWay = new Map<ScriptedServer, number>();
    let most = 0;
    await start(2, async (photo, stream, server) => {
      const now = (underWay.get(server) ?? 0) + 1;
      underWay.set(server, now);
      most = Math.max(most, now);
      await Bun.sleep(20);
      underWay.set(server, (underWay.get(server) ?? 0) - 1);
      answer(photo, stream, 3);
    });
    const ids = await Promise.all(Array.from({ length: 20 }, add));
    dispatcher.wake();
    for (const id of ids) expect(await ended(id)).toMatchObject({ detected: 3, attempts: [] });
    expect(most).toBeLessThanOrEqual(3);
    const sent = servers.map((server) => server.photos().length);
    expect(sent.reduce((a, b) => a + b)).toBe(20);
    // How many each gets, its measured speed decides; none is left out.
    expect(Math.min(...sent)).toBeGreaterThan(0);
  });

  test('a photo that takes its server down is set aside after three, all others are counted', async () => {
    let poison = '';
    await start(3, (photo, stream) => {
      if (photo.sha256.toString('hex') === poison) {
        stream.emit('error', { code: status.UNAVAILABLE, details: 'crash' });
      } else setTimeout(() => answer(photo, stream, 1), 5);
    });
    poison = await add();
    const others = await Promise.all(Array.from({ length: 9 }, add));
    dispatcher.wake();
    const run = await ended(poison);
    expect(run.state).toBe('quarantined');
    expect(run.attempts).toHaveLength(3);
    expect(new Set(run.attempts).size).toBe(3);
    for (const id of others) expect((await ended(id)).state).toBe('completed');
    const { rows } = await sql<{ state: string; error_code: string; photo: string }>`
      select s.state, s.error_code, p.state as photo from photos p
        join photo_sessions s on s.id = p.photo_session_id
       where p.sha256 = ${Buffer.from(poison, 'hex')}`.execute(db);
    expect(rows).toEqual([
      { state: 'failed', error_code: 'INFERENCE_FAILED', photo: 'quarantined' },
    ]);
  }, 240_000);

  test('a server that cannot take it now costs the photo no attempt', async () => {
    let refusals = 0;
    await start(1, (photo, stream) => {
      if (refusals++ > 0) return answer(photo, stream, 2);
      const { work_id } = photo;
      stream.write({
        failure: { work_id, code: 'MODEL_UNAVAILABLE', message: '', retryable: true },
      });
      stream.write({ credit: { photos: 1 } });
    });
    expect(await ended(await add())).toMatchObject({ state: 'completed', attempts: [] });
  });

  test('a run whose model no server has any more is made with the active pipeline', async () => {
    const newer = toDefinition(
      { ...MODEL, version: '2', digest: '02'.repeat(32) },
      DEFINITION.tiling,
    );
    await start(1, (photo, stream) => answer(photo, stream, 4));
    const held = () => mesh.connected()[0]?.view().models[0]?.version;
    await until('connected', async () => held() === '1');
    const [model] = servers[0]!.report.models!;
    Object.assign(model!, { version: '2', digest: Buffer.alloc(32, 2) });
    servers[0]!.stream.emit('error', { code: status.UNAVAILABLE, details: 'restart' });
    await until('the new version', async () => held() === '2');
    await sql`insert into pipelines (organisation_id, digest, definition, activated_at) values
      (${organisationId}, ${pipelineDigest(newer)}, ${JSON.stringify(newer)},
       now() + interval '1 second')`.execute(db);
    const id = await add();
    dispatcher.wake();
    expect((await ended(id)).detected).toBe(4);
    const { rows } = await sql<{ pipeline_digest: Buffer }>`select pipeline_digest from runs
      where sha256 = ${Buffer.from(id, 'hex')}`.execute(db);
    expect(rows).toEqual([{ pipeline_digest: pipelineDigest(newer) }]);
  }, 240_000);

  test('a model that no server has ready is loaded by the one with room, and photos wait', async () => {
    const prepare = notLoaded([5_000, 9_000]);
    await start(2, (photo, stream) => answer(photo, stream, 3), { prepare });
    const id = await add();
    dispatcher.wake();
    expect(await ended(id)).toMatchObject({ state: 'completed', detected: 3, attempts: [] });
    expect(servers.map((server) => server.asked)).toEqual([[], ['load plants/1']]);
  });

  test('where the first has no room the next is asked', async () => {
    const prepare = notLoaded([5_000, 9_000]);
    await start(2, (photo, stream) => answer(photo, stream, 3), { prepare });
    servers[1]!.refusesLoad = 'STORAGE_FULL';
    const id = await add();
    dispatcher.wake();
    expect(await ended(id)).toMatchObject({ state: 'completed', attempts: [] });
    expect(servers.map((server) => server.asked)).toEqual([['load plants/1'], ['load plants/1']]);
    expect(servers[0]!.photos()).toHaveLength(1);
  });

  test('a full server is passed by for the next one; its breaker and the photo hear nothing of it', async () => {
    const [full] = await start(2, (photo, stream, server) => {
      if (server !== full) return answer(photo, stream, 1);
      const { work_id } = photo;
      const retry_after_ms = 60_000;
      const code = 'TOO_MANY_REQUESTS';
      stream.write({ failure: { work_id, code, message: '', retryable: true, retry_after_ms } });
      stream.write({ credit: { photos: 1 } });
    });
    const ids = await Promise.all(Array.from({ length: 12 }, add));
    dispatcher.wake();
    for (const id of ids) expect(await ended(id)).toMatchObject({ detected: 1, attempts: [] });
    expect(full!.photos().length).toBeLessThanOrEqual(6);
    expect(mesh.status().map(({ breaker }) => breaker)).toEqual(['closed', 'closed']);
  });

  test('a late photo is sent to a second server; the first answer counts, the other is withdrawn', async () => {
    let held: ScriptedServer | undefined;
    let holds = false;
    const onPhoto: Behaviour = (photo, stream, server) => {
      if (holds && held === undefined) held = server;
      else answer(photo, stream, 5);
    };
    await start(2, onPhoto, { photoDeadlineMs: 30_000 });
    const known = await Promise.all(Array.from({ length: 40 }, add));
    dispatcher.wake();
    for (const id of known) await ended(id);
    holds = true;
    const late = await add();
    dispatcher.wake();
    expect(await ended(late)).toMatchObject({ state: 'completed', detected: 5, attempts: [] });
    const withdrawn = () =>
      held!.received.flatMap(({ cancel }) => (cancel ? [cancel.work_id] : []));
    // On a machine that stands still for a second others may have been late before.
    await until('withdrawn', async () => withdrawn().includes(held!.photos().at(-1)!));
    const { rows } = await sql`select 1 from detections d join runs r on r.id = d.run_id
      where r.sha256 = ${Buffer.from(late, 'hex')}`.execute(db);
    expect(rows).toHaveLength(5);
  });

  test('an answer that does not agree with itself writes nothing and counts as a failure', async () => {
    let answers = 0;
    await start(1, (photo, stream) => {
      if (answers++ > 0) return answer(photo, stream, 2);
      const { work_id, sha256 } = photo;
      const detections = { boxes: [1, 2, 3], confidences: [0.5], class_ids: [0] };
      stream.write({ result: { work_id, sha256, width: 9, height: 9, detections } });
      stream.write({ credit: { photos: 1 } });
    });
    expect(await ended(await add())).toMatchObject({
      state: 'completed',
      detected: 2,
      attempts: ['INFERENCE_FAILED server-0'],
    });
  });

  test('an answer after the lease has lapsed changes nothing; the photo is counted once', async () => {
    // Long enough for a slow machine to write an answer.
    handlerLeaseMs = 2_000;
    const late: (() => void)[] = [];
    await start(
      2,
      (photo, stream, server) => {
        if (late.length === 0) late.push(() => answer(photo, stream, 7));
        else if (server !== undefined) answer(photo, stream, 2);
      },
      { photoDeadlineMs: 60_000 },
    );
    const id = await add();
    dispatcher.wake();
    expect((await ended(id)).detected).toBe(2);
    late[0]?.();
    await Bun.sleep(200);
    expect((await runOf(id)).detected).toBe(2);
  });

  test('an original that is gone is set aside with its reason', async () => {
    await start(1, (photo, stream) => answer(photo, stream, 1));
    const id = await add();
    await originals.remove(originalKey({ organisationId, sha256: id }));
    dispatcher.wake();
    const run = await ended(id);
    expect(run.state).toBe('quarantined');
    expect(run.attempts).toContain('NOT_FOUND object store');
  });

  test('what is under way when the core stops is handed back without an attempt', async () => {
    await start(1, () => {});
    const id = await add();
    dispatcher.wake();
    await until('sent', async () => servers[0]!.photos().length === 1);
    const stopped = dispatcher.stop();
    servers[0]!.stream.write({ hand_back: { work_id: servers[0]!.photos()[0]! } });
    await stopped;
    const { rows } = await sql`select attempts, leased_by from run_queue q join runs r
      on r.id = q.run_id where r.sha256 = ${Buffer.from(id, 'hex')}`.execute(db);
    expect(rows).toEqual([{ attempts: 0, leased_by: null }]);
  });
});

interface StartOptions {
  readonly photoDeadlineMs?: number;
  /** Changes a server before it is known to the core. */
  readonly prepare?: (server: ScriptedServer, at: number) => void;
}

/** Servers that have the model in their repository only, with so much free memory each. */
function notLoaded(freeBytes: readonly number[]): StartOptions['prepare'] {
  return (server, at) => {
    server.report.memory = { free_bytes: String(freeBytes[at]) };
    server.report.models![0]!.state = 'STATE_UNLOADED';
  };
}

type Behaviour = (photo: Photo__Output, stream: Stream, server: ScriptedServer) => void;
