/** Bad model files in front of a real server: it says which and why, stays alive, serves the rest. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HealthReport__Output } from '@demeter/proto';
import { ChannelCredentials, type Client, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { dataFile, startServer, TestCore, temporaryFolder, testData } from '../_testing.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const detector = dataFile('photos-and-models/models/yolov8n_int8_640.onnx');

function reportOf(core: TestCore): Promise<HealthReport__Output> {
  const { promise, resolve, reject } = Promise.withResolvers<HealthReport__Output>();
  core.client.getHealthReport({}, (error, answer) =>
    answer?.report ? resolve(answer.report) : reject(error),
  );
  return promise;
}

/** grpc.health.v1, as any orchestrator asks it. */
function servingStatus(address: string, service: string): Promise<string> {
  const loaded = loadPackageDefinition(loadSync(protoPath, { enums: String })) as unknown as {
    grpc: { health: { v1: { Health: new (...args: unknown[]) => HealthClient } } };
  };
  const client = new loaded.grpc.health.v1.Health(address, ChannelCredentials.createInsecure());
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  client.check({ service }, (error: Error | null, answer?: { status: string }) => {
    client.close();
    if (answer) resolve(answer.status);
    else reject(error);
  });
  return promise;
}
type HealthClient = Client & {
  check(request: object, done: (error: Error | null, answer?: { status: string }) => void): void;
};

describe.skipIf(testData === undefined)('a folder with bad models', () => {
  test('the good one serves; each bad one is unavailable, with its reason', async () => {
    const folder = temporaryFolder();
    copyFileSync(detector, join(folder, 'good.onnx'));
    const bytes = await Bun.file(detector).bytes();
    writeFileSync(join(folder, 'cut.onnx'), bytes.subarray(0, bytes.length / 2));
    // Whole by its wire format, but its weights are noise where the graph's operators stand.
    const noise = bytes.slice();
    noise.set(Buffer.from('Cxnv'), Buffer.from(noise).indexOf('Conv'));
    writeFileSync(join(folder, 'noise.onnx'), noise);
    // Ninety classes are named; the tensor has eighty.
    mkdirSync(join(folder, 'ninety', '1'), { recursive: true });
    copyFileSync(detector, join(folder, 'ninety', '1', 'ninety.onnx'));
    writeFileSync(
      join(folder, 'ninety', '1', 'manifest.json'),
      JSON.stringify({
        name: 'ninety',
        version: '1',
        role: 'plants',
        file: 'ninety.onnx',
        sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex'),
        input: { size: [640, 640] },
        classes: Array.from({ length: 90 }, (_, index) => `class ${index}`),
        thresholds: { confidence: 0.3, iou: 0.5 },
        object_px: [26, 280],
      }),
    );

    const server = await startServer({ MODEL_DIR: folder });
    const core = new TestCore(server.line.grpc);
    expect(server.line).toMatchObject({ ready: true });
    const report = await reportOf(core);
    const states = Object.fromEntries(report.models.map((model) => [model.name, model.state]));
    expect(states).toEqual({
      good: 'STATE_READY',
      cut: 'STATE_UNAVAILABLE',
      noise: 'STATE_UNAVAILABLE',
      ninety: 'STATE_UNAVAILABLE',
    });
    const reasons = Object.fromEntries(report.models.map((model) => [model.name, model.reason]));
    expect(reasons.cut).toContain('cut short');
    expect(reasons.noise).toContain('Cxnv');
    expect(reasons.ninety).toContain('[1, 84, 8400]');
    expect(Number(report.models.find((model) => model.name === 'good')?.bytes)).toBeGreaterThan(0);
    expect(await servingStatus(server.line.grpc, '')).toBe('SERVING');
    expect(await servingStatus(server.line.grpc, 'model/good/1')).toBe('SERVING');
    expect(await servingStatus(server.line.grpc, 'model/cut/1')).toBe('NOT_SERVING');

    const bus = await Bun.file(dataFile('photos-and-models/reference/bus.jpg')).bytes();
    core.sendPhoto('1', bus, 'good');
    expect((await core.answerOf('1')).result?.detections?.confidences).toHaveLength(5);
    core.sendPhoto('2', bus, 'cut');
    const failure = (await core.answerOf('2')).failure;
    expect(failure).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
    expect(failure?.message).toContain('cut short');
    core.close();
    expect(await server.stop()).toBe(0);
  });

  test('with no good model the server lives, is not ready, and says why', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'empty.onnx'), '');
    const server = await startServer({ MODEL_DIR: folder });
    expect(server.line).toMatchObject({
      ready: false,
      reason: expect.stringContaining('empty.onnx'),
    });
    const ready = await fetch(`http://${server.line.metrics}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ reason: expect.stringContaining('empty.onnx') });
    expect((await fetch(`http://${server.line.metrics}/health/live`)).status).toBe(200);
    expect(await servingStatus(server.line.grpc, '')).toBe('NOT_SERVING');
    expect(await server.stop()).toBe(0);
  });
});
