import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import sharp from 'sharp';
import { startServer, TestCore, type TestServer } from '../_testing.ts';

// A thousand photos take seconds on a busy machine; a hung test still ends.
setDefaultTimeout(120_000);

const MODELS = join(import.meta.dir, '../../../models');
const CREDITS = 8;
let server: TestServer;
let core: TestCore;
let bytes: Buffer;

beforeAll(async () => {
  const create = { width: 96, height: 96, channels: 3, background: '#654' } as const;
  bytes = await sharp({ create }).jpeg().toBuffer();
  server = await startServer({
    MODEL_DIR: MODELS,
    DEMETER_INFERENCE_CREDITS: String(CREDITS),
    DEMETER_INFERENCE_THREADS: '1',
  });
  core = new TestCore(server.line.grpc);
  await core.until((answer) => answer.credit !== undefined);
});
afterAll(async () => {
  core.close();
  await server.stop();
});

test('a thousand photos withdrawn by message are answered once each, and the stream lives', async () => {
  const photos = 1_000;
  for (let n = 0; n < photos; n++) {
    if (n >= CREDITS) await core.answerOf(`cancel-${n - CREDITS}`);
    core.sendPhoto(`cancel-${n}`, bytes, 'plants');
    core.send({ cancel: { work_id: `cancel-${n}` } });
    // Of a photo that is nobody's.
    core.send({ cancel: { work_id: `never-sent-${n}` } });
  }
  for (let n = photos - CREDITS; n < photos; n++) await core.answerOf(`cancel-${n}`);
  const ids = core.answers.flatMap((a) => (a.result ?? a.failure ?? a.hand_back)?.work_id ?? []);
  expect(ids).toHaveLength(photos);
  expect(new Set(ids).size).toBe(photos);
  const codes = new Set(core.answers.flatMap((a) => a.failure?.code ?? []));
  expect([...codes]).toEqual(['CANCELLED']);
  core.sendPhoto('after', bytes, 'plants');
  expect((await core.answerOf('after')).result?.work_id).toBe('after');
});

test('photos beyond the credits are refused at once, with when to try again; those within are counted', async () => {
  const photos = 60;
  for (let n = 0; n < photos; n++) core.sendPhoto(`full-${n}`, bytes, 'plants');
  const answers = await Promise.all(
    Array.from({ length: photos }, (_, n) => core.answerOf(`full-${n}`)),
  );
  const refused = answers.flatMap((answer) => answer.failure ?? []);
  const counted = answers.filter((answer) => answer.result);
  expect(counted.length).toBeGreaterThanOrEqual(CREDITS);
  expect(refused.length).toBe(photos - counted.length);
  expect(refused.length).toBeGreaterThan(0);
  for (const { code, retryable, retry_after_ms } of refused) {
    expect({ code, retryable }).toEqual({ code: 'TOO_MANY_REQUESTS', retryable: true });
    expect(retry_after_ms).toBeGreaterThanOrEqual(50);
    expect(retry_after_ms).toBeLessThanOrEqual(10_000);
  }
  core.sendPhoto('after-full', bytes, 'plants');
  expect((await core.answerOf('after-full')).result?.work_id).toBe('after-full');
});
