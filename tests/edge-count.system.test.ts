import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '@demeter/common/child-process';
import { type InferenceServer, startInference } from './protocols/inference-server.ts';
import { cleanEnvironment } from './system/environment.ts';
import { drawPhoto } from './system/photos.ts';
import { ROOT } from './system/program.ts';

setDefaultTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'demeter-count-'));
let inference: InferenceServer;
let edge: Child;
let url: string;

interface Photo {
  readonly photo_id: string;
  readonly count: {
    readonly value: number;
    readonly source: string;
    readonly model: string;
  } | null;
}

beforeAll(async () => {
  inference = await startInference(folder, { MODEL_DIR: join(ROOT, 'models') });
  edge = await startChild({
    name: 'edge',
    entry: join(ROOT, 'edge/src/main.ts'),
    cwd: ROOT,
    env: cleanEnvironment({
      DEMETER_EDGE_DATA: join(folder, 'edge'),
      DEMETER_EDGE_PORT: '0',
      DEMETER_EDGE_COUNT_SERVER: inference.grpc,
    }),
    logFile: join(folder, 'edge.log'),
  });
  url = `http://${edge.ready.http}`;
});
afterAll(async () => {
  await edge?.stop();
  await inference?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function send(number: number): Promise<string> {
  const body = new Uint8Array(await drawPhoto(number));
  const response = await fetch(`${url}/photos`, { method: 'POST', body });
  expect(response.status).toBe(201);
  return ((await response.json()) as Photo).photo_id;
}

async function until<T>(look: () => Promise<T | null | false>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    await Bun.sleep(200);
  }
}

test('a box without a link counts by the inference server beside it; without that it goes on', async () => {
  const hash = await send(3);
  const photo = async () => (await (await fetch(`${url}/photos/${hash}`)).json()) as Photo;
  const count = await until(async () => (await photo()).count);
  // Nine rosettes were drawn.
  expect(count).toMatchObject({ source: 'box', model: 'plants/1' });
  expect(count.value).toBeGreaterThanOrEqual(8);
  expect(count.value).toBeLessThanOrEqual(10);

  await inference.stop();
  await send(4);
  const health = async () =>
    (await (await fetch(`${url}/health`)).json()) as { status: string; counts: string };
  const trouble = await until(async () => {
    const { counts } = await health();
    return counts !== 'counting' && counts;
  });
  expect(trouble).not.toBe('not configured');
});
