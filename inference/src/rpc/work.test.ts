import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { dataFile, startServer, TestCore, type TestServer, testData } from '../_testing.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const MODEL = 'yolov8n_int8_640';
const photo = (path: string) => Bun.file(dataFile('photos-and-models', path)).bytes();
const models = { MODEL_DIR: dataFile('photos-and-models/models') };

describe.skipIf(testData === undefined)('a server with real models', () => {
  let server: TestServer;
  let core: TestCore;
  beforeAll(async () => {
    server = await startServer(models);
    core = new TestCore(server.line.grpc);
  });
  afterAll(async () => {
    core.close();
    await server.stop();
  });

  test('greets, grants credits and counts a photo', async () => {
    await core.until((a) => a.hello?.protocol_version === 1);
    expect((await core.until((a) => a.credit !== undefined)).credit?.photos).toBe(3);
    core.sendPhoto('bus', await photo('reference/bus.jpg'), MODEL);
    const { result } = await core.answerOf('bus');
    expect(result?.detections?.confidences).toHaveLength(5);
    expect(result?.provider).toBe('cpu');
    expect(result?.timings?.inference_ms).toBeGreaterThan(0);
  });

  test('counts 30 photos, never more under way than its credits', async () => {
    const files = ['reference/bus.jpg', 'reference/dog.jpg', 'reference/000000000036.jpg'];
    const photos = await Promise.all(files.map(photo));
    const expected = [5, 4, 2];
    for (let sent = 0; sent < 30; sent++) {
      if (sent >= 3) await core.answerOf(`many-${sent - 3}`);
      core.sendPhoto(`many-${sent}`, photos[sent % 3]!, MODEL);
    }
    for (let i = 0; i < 30; i++) {
      const { result } = await core.answerOf(`many-${i}`);
      expect(result?.detections?.confidences).toHaveLength(expected[i % 3]!);
    }
  });

  test('counts HEIC, and reads EXIF orientation', async () => {
    core.sendPhoto('heic', await photo('gps-and-formats/IMG_2682.heic'), MODEL);
    const heic = (await core.answerOf('heic')).result;
    expect(heic?.width).toBeGreaterThan(1_000);
    core.sendPhoto('turned', await photo('derived/tray_exif_orientation6.jpg'), MODEL);
    // Stored on its side: 972 × 1296.
    expect((await core.answerOf('turned')).result).toMatchObject({ width: 1296, height: 972 });
  });

  test('says why a photo has no result', async () => {
    const bus = await photo('reference/bus.jpg');
    core.sendPhoto('wrong-sha', bus, MODEL, { sha256: Buffer.alloc(32) });
    expect((await core.answerOf('wrong-sha')).failure).toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      retryable: true,
    });
    // Looks whole: header and end marker are there, what stands between them is not.
    const damaged = Buffer.concat([bus.slice(0, 700), Buffer.alloc(9_000, 7), bus.slice(-2)]);
    core.sendPhoto('damaged', damaged, MODEL);
    expect((await core.answerOf('damaged')).failure).toMatchObject({
      code: 'UNDECODABLE_PHOTO',
      retryable: false,
    });
    core.sendPhoto('text', Buffer.from('no photo at all'), MODEL);
    expect((await core.answerOf('text')).failure?.code).toBe('UNDECODABLE_PHOTO');
    core.sendPhoto('no-model', bus, 'nobody');
    expect((await core.answerOf('no-model')).failure?.code).toBe('MODEL_UNAVAILABLE');
    const digest = Buffer.alloc(32, 1);
    const pipeline = { models: [{ role: 'plants', name: MODEL, version: '1', digest }] };
    core.sendPhoto('other-model', bus, MODEL, { pipeline });
    expect((await core.answerOf('other-model')).failure?.code).toBe('MODEL_MISMATCH');
  });

  test('withdraws photos on request, and gives up those past their deadline', async () => {
    const mosaic = await photo('derived/tray_mosaic_20MP.jpg');
    const pipeline = { tiling: { mode: 'MODE_FIXED', tile_px: 640 } } as const;
    core.sendPhoto('long', mosaic, MODEL, { pipeline });
    core.sendPhoto('late', mosaic, MODEL, { pipeline, deadline_ms: 300 });
    core.sendPhoto('waiting', mosaic, MODEL, { pipeline });
    core.send({ cancel: { work_id: 'waiting' } });
    expect((await core.answerOf('waiting')).failure?.code).toBe('CANCELLED');
    expect((await core.answerOf('late')).failure?.code).toBe('DEADLINE_EXCEEDED');
    core.send({ cancel: { work_id: 'long' } });
    expect((await core.answerOf('long')).failure?.code).toBe('CANCELLED');
    core.sendPhoto('after', await photo('reference/bus.jpg'), MODEL);
    expect((await core.answerOf('after')).result?.detections?.confidences).toHaveLength(5);
  });
});

describe.skipIf(testData === undefined)('stopping', () => {
  test('finishes what runs, hands back what waits, and ends with 0', async () => {
    // So many that some wait still when the signal arrives, on a machine that dawdles.
    const photos = 16;
    const credits = { DEMETER_INFERENCE_CREDITS: String(photos) };
    const server = await startServer({ ...models, ...credits });
    const core = new TestCore(server.line.grpc);
    await core.until((a) => a.credit !== undefined);
    const bus = await photo('reference/bus.jpg');
    for (let i = 0; i < photos; i++) core.sendPhoto(`${i}`, bus, MODEL);
    await core.answerOf('0');
    const stopped = server.stop();
    await core.until((a) => a.drain !== undefined);
    await core.untilEnd();
    expect(await stopped).toBe(0);
    const results = core.answers.filter((a) => a.result).length;
    const handedBack = core.answers.filter((a) => a.hand_back).length;
    expect(results + handedBack).toBe(photos);
    expect(handedBack).toBeGreaterThan(0);
    core.close();
  });
});

describe.skipIf(testData === undefined)('a token', () => {
  test('is asked of every call', async () => {
    const token = 'a-token-of-at-least-32-characters';
    const server = await startServer({ ...models, DEMETER_GRPC_TOKEN: token });
    const stranger = new TestCore(server.line.grpc);
    await stranger.untilEnd();
    expect(stranger.error).toMatchObject({ code: 16 });
    const report = Promise.withResolvers<unknown>();
    stranger.client.getHealthReport({}, (error) => report.resolve(error));
    expect(await report.promise).toMatchObject({ code: 16 });
    const core = new TestCore(server.line.grpc, token);
    await core.until((a) => a.hello !== undefined);
    core.close();
    stranger.close();
    await server.stop();
  });
});
