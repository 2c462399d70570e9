import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { systemClock } from '@demeter/common/clock';
import { ChannelCredentials } from '@grpc/grpc-js';
import { until } from '../_processes.ts';
import { createTestCore, type TestCore } from '../_test-core.ts';
import type { CoreContext } from '../context.ts';
import type { Counting } from '../counting.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { ScriptedServer } from '../mesh/_scripted-server.ts';
import { Mesh } from '../mesh/mesh.ts';
import { Registry } from '../mesh/registry.ts';
import { modelsIn } from '../mesh/reported-models.ts';
import { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import { titleOf } from '../pipelines/pipeline.ts';
import { RolloutKeeper } from './rollout-keeper.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const [ONE, TWO] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const PLANTS = { name: 'plants', role: 'plants' };

describe.skipIf(!database)('models over REST (needs DEMETER_TEST_DATABASE_URL)', () => {
  let servers: ScriptedServer[];
  let mesh: Mesh;
  let pipelines: ActivePipelineStore;
  let core: TestCore;

  const counting = (addresses: readonly string[]) => (context: CoreContext) => {
    const { db, log, organisationId } = context;
    mesh = new Mesh({
      coreId: 'core',
      log,
      clock: systemClock,
      registry: new Registry(null, systemClock, organisationId),
      staticServers: addresses,
      credentials: ChannelCredentials.createInsecure(),
    });
    const options = { db, organisationId, log, plantsModel: 'plants', tiling: 'manifest' };
    pipelines = new ActivePipelineStore(options);
    const wake = () => {};
    const rollouts = new RolloutKeeper({ context, pipelines, wake });
    return { mesh, pipelines, rollouts, wake } as unknown as Counting;
  };

  beforeEach(async () => {
    servers = [0, 1].map((at) => {
      const server = new ScriptedServer();
      server.id = `server-${at}`;
      server.report = {
        ready: true,
        provider: 'cpu',
        provider_reason: 'no NVIDIA driver',
        resident_bytes: '700',
        memory: { kind: 'KIND_RESIDENT', total_bytes: '1000', free_bytes: '400' },
        photos_per_second: 1.5,
        ...(at === 0 && { gpu: { uuid: 'GPU-1', vram_used_bytes: '300', other_pids: [4711] } }),
        models: [
          { ...PLANTS, version: '1', digest: ONE, state: 'STATE_READY', bytes: '300' },
          { ...PLANTS, version: '2', digest: TWO, state: 'STATE_UNLOADED' },
        ],
      };
      return server;
    });
    const ports = await Promise.all(servers.map((server) => server.listen()));
    core = await createTestCore(database!.db, {
      counting: counting(ports.map((port) => `127.0.0.1:${port}`)),
    });
    mesh.start();
    await until('both servers', async () => {
      const connected = mesh.connected();
      return connected.length === 2 && connected.every(({ report }) => report !== undefined);
    });
    await adopt();
  });
  afterEach(async () => {
    await mesh.stop();
    for (const server of servers) server.stop();
  });

  const adopt = () => pipelines.adopt(mesh.connected().map(({ report }) => modelsIn(report)));
  const admin = async (method: string, path: string, body?: unknown) =>
    await core.call('admin', method, `/api/v1${path}`, body);
  const asked = () => servers.map((server) => server.asked);
  const send = async (file: Uint8Array, fields: Readonly<Record<string, string>>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob([new Uint8Array(file)]), 'plants.onnx');
    const request = new Request('http://core.test/api/v1/models/plants/3/file', {
      method: 'PUT',
      headers: { authorization: `Bearer ${await core.token('admin')}` },
      body: form,
    });
    const response = await core.fetch(request, '203.0.113.9');
    return { status: response.status, body: await response.json() };
  };

  test('lists each version with its servers, newest first, and says which one counts', async () => {
    const { status, body } = await core.call('supervisor', 'GET', '/api/v1/models');
    expect(status).toBe(200);
    expect(body.models).toMatchObject([
      { name: 'plants', version: '2', active: false, held: null, servers: [{}, {}] },
      {
        name: 'plants',
        version: '1',
        active: true,
        servers: [
          { server_id: 'server-0', state: 'ready', bytes: 300, pinned: false },
          { server_id: 'server-1' },
        ],
      },
    ]);
    expect((await admin('GET', '/system/models')).body).toEqual(body);
  });

  test('shows servers, memory, who else is on a GPU, rates, and why a server runs on the CPU', async () => {
    const { body: whole } = await admin('GET', '/system/mesh');
    expect(whole.photos_per_second).toBe(3);
    expect(whole.servers[0]).toMatchObject({
      state: 'connected',
      provider: 'cpu',
      provider_reason: 'no NVIDIA driver',
      memory: { kind: 'resident', total_bytes: 1000, free_bytes: 400 },
      breaker: 'closed',
    });
    const { body: vram } = await admin('GET', '/system/vram');
    const gpu = { uuid: 'GPU-1', vram_used_bytes: 300, other_pids: [4711] };
    expect(whole.servers[0].gpu).toMatchObject(gpu);
    expect(vram.servers[0].gpu).toMatchObject(gpu);
    expect(vram.servers[1]).toMatchObject({
      server_id: 'server-1',
      gpu: null,
      models: [{ name: 'plants', version: '1', bytes: 300, pinned: false }],
    });
    const { body: profile } = await admin('GET', '/system/memory-profile');
    expect(profile.core.resident_bytes).toBeGreaterThan(1e6);
    expect(profile.servers.map((one: { resident_bytes: number }) => one.resident_bytes)).toEqual([
      700, 700,
    ]);
  });

  test('loads, pins and unloads at all servers that have it, or at those named', async () => {
    const loaded = await admin('POST', '/models/plants/2/load', { pin: true });
    expect(loaded).toMatchObject({
      status: 200,
      body: { servers: [{ done: true }, { done: true }] },
    });
    await admin('PUT', '/models/plants/2/pin', { pinned: false, servers: ['server-1'] });
    await admin('POST', '/models/plants/2/unload', { servers: ['server-0'] });
    expect(asked()).toEqual([
      ['load plants/2 pinned', 'unload plants/2'],
      ['load plants/2 pinned', 'unpin plants/2'],
    ]);
    const audit = await database!.db
      .selectFrom('audit_entries')
      .select(['action', 'subject_id', 'after'])
      .where('subject_type', '=', 'model')
      .orderBy('id')
      .execute();
    expect(audit).toMatchObject([
      { action: 'models.load_pinned', subject_id: 'plants/2', after: loaded.body },
      { action: 'models.unpin', after: { servers: [{ server_id: 'server-1', done: true }] } },
      { action: 'models.unload', after: { servers: [{ server_id: 'server-0', done: true }] } },
    ]);
  });

  test('what is loaded is removed after it was unloaded, which the refusal says', async () => {
    const { body } = await admin('DELETE', '/models/plants/1');
    expect(body.servers[0]).toMatchObject({
      done: false,
      code: 'CONFLICT',
      message: 'plants/1 is in memory.',
      hint: 'Unload it first.',
    });
    const { body: removed } = await admin('DELETE', '/models/plants/2');
    expect(removed.servers).toMatchObject([{ done: true }, { done: true }]);
  });

  test('says what each server answered, and refuses what is not there or not allowed', async () => {
    servers[1]!.refusesLoad = 'STORAGE_FULL';
    const { body } = await admin('POST', '/models/plants/2/load', {});
    expect(body.servers).toMatchObject([
      { server_id: 'server-0', done: true },
      {
        server_id: 'server-1',
        done: false,
        code: 'STORAGE_FULL',
        message: 'There is no room for it.',
      },
    ]);
    const none = await admin('POST', '/models/plants/9/load', {});
    expect(none).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    const viewer = await core.call('supervisor', 'POST', '/api/v1/models/plants/2/load', {});
    expect(viewer.status).toBe(403);
  });

  test('sends a version to every server whole; it does not count before somebody says so', async () => {
    const file = randomBytes(3_000_000);
    const sha256 = createHash('sha256').update(file).digest('hex');
    const manifest = JSON.stringify({ classes: Array.from({ length: 300 }, (_, i) => `c${i}`) });
    const { status, body } = await send(file, { sha256, manifest, load: 'true' });
    expect({ status, body }).toMatchObject({ status: 200, body: { sha256, warning: null } });
    for (const { uploads } of servers) {
      expect(uploads).toHaveLength(1);
      expect(uploads[0]!.bytes.equals(file)).toBe(true);
      expect(uploads[0]!.header).toMatchObject({ name: 'plants', version: '3', load: true });
      expect(uploads[0]!.header.manifest_json).toBe(manifest);
    }
    await until('version 3', async () =>
      mesh.connected().every(({ report }) => modelsIn(report).some((one) => one.version === '3')),
    );
    await adopt();
    const { body: list } = await admin('GET', '/models');
    expect(list.models[0]).toMatchObject({ version: '3', active: false, held: 'uploaded' });
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/1');
  });

  test('a file that is not the one announced goes nowhere', async () => {
    const refused = await send(randomBytes(1000), { sha256: '0'.repeat(64) });
    expect(refused).toMatchObject({ status: 422, body: { code: 'CHECKSUM_MISMATCH' } });
    expect(servers.map(({ uploads }) => uploads)).toEqual([[], []]);
  });

  test('starts a rollout, promotes it, and goes back', async () => {
    const started = await admin('POST', '/models/plants/2/rollout', { percent: 10 });
    expect(started).toMatchObject({
      status: 201,
      body: { model: 'plants/2', stable_model: 'plants/1', state: 'shadow', percent: 10 },
    });
    const again = await admin('POST', '/models/plants/2/rollout', {});
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    const promoted = await admin('POST', '/models/plants/2/promote', {});
    expect(promoted.body).toMatchObject({ id: started.body.id, state: 'promoted' });
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/2');
    const back = await admin('POST', '/models/plants/2/rollback', { reason: 'too slow' });
    expect(back.body).toMatchObject({ state: 'rolled_back', reason: 'too slow' });
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/1');
    const { body } = await admin('GET', '/rollouts');
    expect(body.rollouts).toHaveLength(1);
    expect((await admin('GET', `/rollouts/${started.body.id}`)).body).toEqual(body.rollouts[0]);
  });

  test('a rollout that a person has ended waits for nothing any more', async () => {
    const { body: open } = await admin('POST', '/models/plants/2/rollout', {});
    const { db } = core.context;
    await db.updateTable('rollouts').set({ verdict: 'wait' }).where('id', '=', open.id).execute();
    expect((await admin('GET', `/rollouts/${open.id}`)).body.verdict).toBe('wait');
    const { body: ended } = await admin('POST', '/models/plants/2/promote', {});
    expect(ended).toMatchObject({
      state: 'promoted',
      verdict: null,
      reason: 'decided by a person',
      ended_at: expect.any(String),
    });
  });

  test('a version is promoted at once where a person says so, and the one before comes back', async () => {
    expect((await admin('POST', '/models/plants/2/promote', {})).body.state).toBe('promoted');
    expect((await admin('POST', '/models/plants/2/rollback', {})).body.state).toBe('rolled_back');
    expect((await admin('POST', '/models/plants/2/rollback', {})).status).toBe(404);
  });

  test('what servers disagree on, and what the settings do not allow, is not rolled out', async () => {
    servers[1]!.setModel('plants', '2', { digest: Buffer.alloc(32, 9) });
    await until('another file', async () =>
      mesh.connected().some(({ report }) => report?.models[1]?.digest[0] === 9),
    );
    const differ = await admin('POST', '/models/plants/2/rollout', {});
    expect(differ).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    const other = await admin('POST', '/models/roses/1/rollout', {});
    expect(other).toMatchObject({
      status: 409,
      body: {
        code: 'CONFLICT',
        detail: 'roses is not the model that counts; only versions of plants can be rolled out.',
      },
    });
    expect((await admin('POST', '/models/plants/8/rollout', {})).status).toBe(404);
  });

  test('a version without a manifest is taken with a warning, and not rolled out', async () => {
    const { body } = await send(randomBytes(1000), {});
    expect(body).toMatchObject({ warning: expect.stringContaining('No manifest') });
    await until('version 3', async () =>
      mesh.connected().every(({ report }) => report?.models.some((one) => one.version === '3')),
    );
    const refused = await admin('POST', '/models/plants/3/rollout', {});
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'MODEL_INVALID', detail: 'plants/3 has no role; only the role plants counts.' },
    });
    expect(refused.body.hint).toContain('manifest.json');
    expect((await admin('POST', '/models/plants/3/promote', {})).status).toBe(422);
  });
});
