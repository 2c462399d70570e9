import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { HealthReport__Output } from '@demeter/proto';
import { dataFile, startServer, TestCore, temporaryFolder, testData } from '../_testing.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

test.skipIf(testData === undefined)('metrics, logs and the report tell of a photo', async () => {
  const server = await startServer({ MODEL_DIR: dataFile('photos-and-models/models') });
  const core = new TestCore(server.line.grpc);
  const reports: { completed: string; state: string | undefined }[] = [];
  const watch = core.client.watchHealthReport({});
  watch.on('error', () => {});
  watch.on('data', ({ report }) =>
    reports.push({ completed: report.photos_completed, state: report.models[1]?.state }),
  );
  while (reports.length === 0) await Bun.sleep(10);
  expect(reports[0]).toEqual({ completed: '0', state: 'STATE_READY' });

  const bus = await Bun.file(dataFile('photos-and-models/reference/bus.jpg')).bytes();
  core.sendPhoto('bus', bus, 'yolov8n_int8_640');
  await core.answerOf('bus');
  while (reports.at(-1)?.completed !== '1') await Bun.sleep(10);

  const metrics = await (await fetch(`http://${server.line.metrics}/metrics`)).text();
  expect(metrics).toContain('demeter_inference_photos_total{outcome="counted"} 1');
  expect(metrics).toContain('demeter_inference_tiles_total 1');
  expect(metrics).toContain('demeter_ml_inference_duration_seconds_count{stage="inference"} 1');
  expect(metrics).toContain('queue_size 0');

  core.close();
  watch.cancel();
  expect(await server.stop()).toBe(0);
  const log = await new Response(server.process.stderr).text();
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.find((line) => line.message === 'photo counted')).toMatchObject({
    level: 'INFO',
    correlation_id: 'test-bus',
    detected: 5,
  });
});

test('what a server runs on, and why, is in the report, the metrics and the log', async () => {
  // Strict, and the driver, where there is one, knows no such GPU.
  const server = await startServer({
    MODEL_DIR: join(import.meta.dir, '../../../models'),
    USE_GPU: 'true',
    CUDA_VISIBLE_DEVICES: 'GPU-none',
  });
  const core = new TestCore(server.line.grpc);
  const { promise, resolve } = Promise.withResolvers<HealthReport__Output | null | undefined>();
  core.client.getHealthReport({}, (_, answer) => resolve(answer?.report));
  const report = await promise;
  expect(report).toMatchObject({ ready: false, provider: 'cuda', gpu: null });
  const reason = report?.provider_reason ?? '';
  expect(reason).toStartWith('No GPU: ');
  const metrics = await (await fetch(`http://${server.line.metrics}/metrics`)).text();
  expect(metrics).toContain(`demeter_inference_provider{provider="cuda",reason="${reason}"} 1\n`);
  core.close();
  await server.stop();
  const log = await new Response(server.process.stderr).text();
  // The runtime's own words stand there too, and are no JSON.
  const line = log.split('\n').find((each) => each.includes('providers to try')) ?? '{}';
  expect(JSON.parse(line)).toMatchObject({ providers: ['cuda'], reason });
});

test('metrics can be off; health stays', async () => {
  const server = await startServer({ MODEL_DIR: temporaryFolder(), ENABLE_METRICS: 'false' });
  expect((await fetch(`http://${server.line.metrics}/metrics`)).status).toBe(404);
  expect((await fetch(`http://${server.line.metrics}/health/live`)).status).toBe(200);
  expect((await fetch(`http://${server.line.metrics}/health/ready`)).status).toBe(503);
  await server.stop();
});
