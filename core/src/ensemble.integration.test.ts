import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type CoreProcess,
  type InferenceProcess,
  runAdmin,
  startCoreProcess,
  startInferenceProcess,
  TEST_DATA,
  until,
} from './_processes.ts';
import { createTestDatabase, TEST_DATABASE_URL } from './db/_test-database.ts';
import type { PhotoBody } from './photos/photo-body.ts';

const met = Boolean(TEST_DATABASE_URL && TEST_DATA);
const database = met ? await createTestDatabase() : undefined;
const SHIPPED = path.resolve(import.meta.dir, '../../models/plants/1');

/** The shipped model under names of its own: one that sees much, one that must be very sure. */
const MODELS = {
  eager: { confidence: 0.4, weight: 1 },
  strict: { confidence: 0.8, weight: 3 },
  // Its manifest leaves it out here.
  off: { confidence: 0.4, weight: 1, profiles: ['production'] },
};

describe.skipIf(!met)('an ensemble (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_DATA)', () => {
  let folder: string;
  let core: CoreProcess;
  let server: InferenceProcess;
  let token: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'demeter-ensemble-'));
    const shipped = JSON.parse(await readFile(path.join(SHIPPED, 'manifest.json'), 'utf8'));
    for (const [name, { confidence, ...more }] of Object.entries(MODELS)) {
      const to = path.join(folder, 'models', name, '1');
      await cp(SHIPPED, to, { recursive: true });
      const thresholds = { ...shipped.thresholds, confidence };
      const manifest = { ...shipped, ...more, name, thresholds };
      await writeFile(path.join(to, 'manifest.json'), JSON.stringify(manifest));
    }
    const env = {
      DATABASE_URL: database?.url ?? '',
      DEMETER_STORE_DIR: path.join(folder, 'store'),
      JWT_SECRET_KEY: 'a secret of tests that is long enough',
      DEMETER_PLANTS_MODEL: 'eager,strict,off',
      DEMETER_TILING: 'off',
    };
    await runAdmin(['init'], env);
    token = await runAdmin(['token', '--role', 'admin'], env);
    core = await startCoreProcess(env);
    server = await startInferenceProcess(core.ready.grpc, {
      MODEL_DIR: path.join(folder, 'models'),
      DEMETER_INFERENCE_CALIBRATION_MS: '0',
    });
  }, 240_000);

  afterAll(async () => {
    await Promise.all([core?.stop(), server?.stop()]);
    await rm(folder, { recursive: true, force: true });
  }, 240_000);

  const call = async (to: string, init: RequestInit = {}) =>
    await fetch(new URL(to, core.ready.http), {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' },
    });

  test('of two models counts what both of them see, each photo once', async () => {
    await until('a pipeline', async () => {
      const ready = (await (await call('/health/ready')).json()) as { accepts_photos: boolean };
      return ready.accepts_photos;
    });
    const photo = path.join(TEST_DATA ?? '', 'photos-and-models/trays/arabidopsis_tray.jpg');
    const sent = await call('/api/v1/photos', { method: 'POST', body: Bun.file(photo) });
    const { photo_id } = (await sent.json()) as { photo_id: string };
    const { run } = await until('a count', async () => {
      const body = (await (await call(`/api/v1/photos/${photo_id}`)).json()) as PhotoBody;
      return body.run?.state === 'completed' && body;
    });
    expect(run?.pipeline).toMatchObject({
      model: 'eager, strict',
      version: '1, 1',
      models: [
        { name: 'eager', version: '1' },
        { name: 'strict', version: '1' },
      ],
    });
    // One tile each.
    expect(run?.tiles).toBe(2);
    const found = await call(`/api/v1/photos/${photo_id}/detections`);
    const { confidences } = (await found.json()) as { confidences: number[] };
    // Of 19 plants the eager one sees nearly all; side by side they would be more still.
    expect(confidences.length).toBeGreaterThan(2);
    expect(confidences.length).toBeLessThan(15);
    // What one of them alone has seen stays far below the mean of their thresholds.
    expect(Math.min(...confidences)).toBeGreaterThan(0.69);
    const listed = await (await call('/api/v1/models')).json();
    const { models } = listed as { models: { name: string; active: boolean }[] };
    expect(models.map(({ name, active }) => ({ name, active }))).toEqual([
      { name: 'eager', active: true },
      { name: 'strict', active: true },
    ]);
  }, 240_000);
});
