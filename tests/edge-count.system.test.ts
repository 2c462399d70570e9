import {
  afterAll,
  afterEach,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EdgeBox } from './faults/edge/box.ts';
import { EdgeSystem } from './faults/edge/edge-system.ts';
import { until } from './faults/until.ts';
import { type InferenceServer, startInference } from './protocols/inference-server.ts';
import { cleanEnvironment, realServers } from './system/environment.ts';
import { drawPhoto } from './system/photos.ts';
import { ROOT } from './system/program.ts';

setDefaultTimeout(600_000);
/** Far more than it takes, on a machine ten times slower too. */
const WITHIN_MS = 240_000;

const servers = realServers();
const PLANTS = join(ROOT, 'models/plants/1');
let folder: string;
/** DEMETER_EDGE_DATA. */
let data: string;
let inference: InferenceServer;
let edge: EdgeBox;

interface Counted {
  readonly photo_id: string;
  readonly count: {
    readonly value: number;
    readonly source: string;
    readonly model: string;
  } | null;
}

/** An inference server beside an edge, as docs/edge.md starts them. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'demeter-count-'));
  data = join(folder, 'edge');
  inference = await startInference(folder, {
    MODEL_DIR: `${join(ROOT, 'models')},${join(data, 'models')}`,
    DEMETER_INFERENCE_POLL_SECONDS: '1',
  });
});
afterEach(async () => {
  await edge?.stop();
  await inference?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function send(number: number): Promise<string> {
  const body = new Uint8Array(await drawPhoto(number));
  const response = await fetch(`${edge.url}/photos`, { method: 'POST', body });
  expect(response.status).toBe(201);
  return ((await response.json()) as Counted).photo_id;
}

/** The count of a photo of nine rosettes. */
async function countOf(photo: string) {
  let count: Counted['count'] = null;
  await until(
    'the photo is counted',
    async () => {
      count = ((await edge.photo(photo)) as unknown as Counted).count;
      return count !== null;
    },
    WITHIN_MS,
  );
  const counted = count as unknown as NonNullable<Counted['count']>;
  expect(counted.value).toBeGreaterThanOrEqual(8);
  expect(counted.value).toBeLessThanOrEqual(10);
  return counted;
}

test('a box without a link counts by the inference server beside it; without that it goes on', async () => {
  const settings = { DEMETER_EDGE_DATA: data, DEMETER_EDGE_PORT: '0' };
  const env = cleanEnvironment({ ...settings, DEMETER_EDGE_COUNT_SERVER: inference.grpc });
  edge = new EdgeBox('edge', data, env, folder);
  await edge.start();
  expect(await countOf(await send(3))).toMatchObject({ source: 'box', model: 'plants/1' });

  await inference.stop();
  await send(4);
  await until(
    'the box says why it counts no more',
    async () => {
      const { counts } = (await edge.health()) as unknown as { counts: string };
      return counts !== 'counting' && counts !== 'not configured';
    },
    WITHIN_MS,
  );
});

describe.skipIf(!servers)(
  'models of the centre (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT)',
  () => {
    let system: EdgeSystem;
    let id: string;
    let failed = true;

    afterAll(async () => await system?.stop(failed));

    const put = async (path: string, body: BodyInit, type: string) => {
      const headers = { 'content-type': type };
      await system.ask(path, { method: 'PUT', body, headers });
    };

    /** Files of plants/VERSION, and that the box should have them. */
    const set = async (version: string, onnx: Uint8Array<ArrayBuffer>) => {
      const sha256 = createHash('sha256').update(onnx).digest('hex');
      const text = readFileSync(join(PLANTS, 'manifest.json'), 'utf8');
      const manifest = JSON.stringify({ ...JSON.parse(text), version, sha256 });
      const files = `/edge-models/plants/${version}/files`;
      await put(`${files}/manifest.json`, manifest, 'application/octet-stream');
      await put(`${files}/plants.onnx`, onnx, 'application/octet-stream');
      const wanted = { configuration: {}, models: { plants: version } };
      await put(`/edges/${id}/configuration`, JSON.stringify(wanted), 'application/json');
    };

    const state = join('configuration', 'state.json');
    const readState = () => JSON.parse(readFileSync(join(data, state), 'utf8'));

    test('are pulled and count; one that the server cannot load takes its version back with it', async () => {
      system = new EdgeSystem(servers!);
      await system.open();
      const settings = { DEMETER_EDGE_COUNT_SERVER: inference.grpc };
      edge = await system.box('counting', { data, settings });
      const { items } = await system.get<{ items: { id: string; name: string }[] }>('/edges');
      id = items.find(({ name }) => name === 'counting')!.id;

      await set('7', await Bun.file(join(PLANTS, 'plants.onnx')).bytes());
      await edge.start();
      await until('version 7 serves', () => readState().models.plants?.[0] === '7', WITHIN_MS);
      expect(await countOf(await send(3))).toMatchObject({ source: 'box', model: 'plants/7' });

      await edge.stop();
      // Its ten minutes on trial are over.
      writeFileSync(join(data, state), JSON.stringify({ ...readState(), good: 1, trial: null }));
      await set('8', new TextEncoder().encode('no model'));
      await edge.start();
      type Told = { applied_version: number; refused_version: number; refused_reason: string };
      const told = () => system.get<Told>(`/edges/${id}/configuration`);
      await until('version 8 is left', async () => (await told()).refused_version === 2, WITHIN_MS);
      expect(await told()).toMatchObject({
        applied_version: 1,
        refused_reason: expect.stringContaining('cannot serve plants/8'),
      });
      expect((await edge.health()).alarms).toContain('configuration_rolled_back');
      expect(readState().models).toEqual({ plants: ['7'] });
      await until(
        'its files are gone',
        () => readdirSync(join(data, 'models/plants')).length === 1,
      );
      expect((await countOf(await send(8))).model).toBe('plants/7');
      failed = false;
    });
  },
);
