import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { startServer, TestCore, type TestServer, temporaryFolder } from './_testing.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

let server: TestServer;
afterEach(async () => void (await server.stop()));

const FAULT = 'CUDA failure 700: an illegal memory access was encountered ; GPU=0';

// The supervisor reads liveness each second and replaces the process (supervised.test.ts).
test('after a failed run on a GPU the server is neither ready nor alive, and says why', async () => {
  const folder = temporaryFolder();
  const MODEL_DIR = join(import.meta.dir, '../../models');
  server = await startServer({ MODEL_DIR, FAULTS_DIR: folder }, '_faulty-main.ts');
  const core = new TestCore(server.line.grpc);
  const create = { width: 96, height: 96, channels: 3, background: '#654' } as const;
  const photo = await sharp({ create }).jpeg().toBuffer();
  const status = async (path: string) => {
    const response = await fetch(`http://${server.line.metrics}${path}`);
    const { reason } = (await response.json()) as { reason: string };
    return { status: response.status, reason };
  };

  core.sendPhoto('before', photo, 'plants');
  expect((await core.answerOf('before')).result?.provider).toBe('cuda');
  expect((await status('/health/ready')).status).toBe(200);

  writeFileSync(join(folder, 'cuda'), FAULT);
  core.sendPhoto('during', photo, 'plants');
  const { failure } = await core.answerOf('during');
  expect(failure).toMatchObject({ code: 'INFERENCE_FAILED', retryable: true });
  const why = expect.stringContaining('illegal memory access');
  expect(await status('/health/ready')).toMatchObject({ status: 503, reason: why });
  expect(await status('/health/live')).toMatchObject({ status: 503, reason: why });

  core.sendPhoto('after', photo, 'plants');
  expect((await core.answerOf('after')).failure?.retryable).toBe(true);
  core.close();
});
