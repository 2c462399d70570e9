import { afterEach, beforeEach, expect, test } from 'bun:test';
import { rejection } from '@demeter/common/testing';
import { DIGEST, ScriptedInference } from './_inference-server.ts';
import { CountLost, CountServerAway, MeshCounting, ModelNotServed } from './mesh-counting.ts';

const PHOTO = {
  sha256: 'ab'.repeat(32),
  bytes: Buffer.from('bytes'),
  mediaType: 'image/jpeg',
  correlationId: 'c',
};
const never = new AbortController().signal;

let server: ScriptedInference;
let counting: MeshCounting;
let address: string;
let preferred: Record<string, string[]>;

beforeEach(async () => {
  server = new ScriptedInference();
  address = await server.start();
  preferred = {};
  counting = new MeshCounting({ address, token: 'secret', preferred: () => preferred });
});
afterEach(() => {
  counting.close();
  server.stop();
});

test('a photo goes out with the model that the server offers, and comes back as a number', async () => {
  server.onPhoto = ({ work_id }, stream) => {
    // A credit that is given back with the answer sends nothing twice.
    stream.write({ credit: { photos: 1 } });
    const detections = { boxes: [0, 0, 1, 1, 2, 2, 3, 3], confidences: [0.9, 0.8] };
    stream.write({ result: { work_id, detections } });
  };
  expect(await counting.count(PHOTO, never)).toEqual({ count: 2, model: 'plants/3' });
  expect(await counting.count(PHOTO, never)).toEqual({ count: 2, model: 'plants/3' });
  expect(server.tokens).toEqual(['Bearer secret', 'Bearer secret']);
  expect(server.photos).toHaveLength(2);
  expect(server.photos[0]).toMatchObject({
    content: PHOTO.bytes,
    sha256: Buffer.from(PHOTO.sha256, 'hex'),
    pipeline: { models: [{ role: 'plants', name: 'plants', version: '3', digest: DIGEST }] },
  });
});

test('a photo without plants counts zero', async () => {
  server.onPhoto = ({ work_id }, stream) => stream.write({ result: { work_id } });
  expect(await counting.count(PHOTO, never)).toEqual({ count: 0, model: 'plants/3' });
});

test("what a server says of the photo is the photo's; what it says of itself is not", async () => {
  const failure = { code: 'UNDECODABLE_PHOTO', message: 'torn' };
  server.onPhoto = ({ work_id }, stream) =>
    stream.write({ failure: { work_id, ...failure, retryable: false } });
  const own = await rejection(counting.count(PHOTO, never));
  expect(own).not.toBeInstanceOf(CountServerAway);
  expect(own).toMatchObject({ message: 'torn' });
  server.onPhoto = ({ work_id }, stream) =>
    stream.write({
      failure: { work_id, code: 'TOO_MANY_REQUESTS', message: 'full', retryable: true },
    });
  expect(await rejection(counting.count(PHOTO, never))).toBeInstanceOf(CountServerAway);
  server.onPhoto = (_, stream) => stream.write({ drain: { deadline_ms: 1000 } });
  expect(await rejection(counting.count(PHOTO, never))).toBeInstanceOf(CountServerAway);
});

test('a server that is not ready, without a model, or gone is away', async () => {
  server.report = { ...server.report, ready: false };
  expect(await rejection(counting.count(PHOTO, never))).toBeInstanceOf(CountServerAway);
  server.report = { ...server.report, ready: true, models: [] };
  expect(await rejection(counting.count(PHOTO, never))).toBeInstanceOf(CountServerAway);
  server.stop();
  expect(await rejection(counting.count(PHOTO, never))).toBeInstanceOf(CountServerAway);
});

test('a server that ends over a photo is told apart from one that is away', async () => {
  server.onPhoto = () => server.stop();
  expect(await rejection(counting.count(PHOTO, never))).toBeInstanceOf(CountLost);
  expect(await rejection(counting.count(PHOTO, never))).not.toBeInstanceOf(CountLost);
});

test('an edge that stops does not wait for the count', async () => {
  const stop = new AbortController();
  server.onPhoto = () => stop.abort(new Error('stopping'));
  expect(await rejection(counting.count(PHOTO, stop.signal))).toBeInstanceOf(CountServerAway);
});

const offered = (name: string, version: string, more: object = {}) => ({
  ...{ name, version, role: 'plants', digest: DIGEST, state: 'STATE_READY' as const },
  ...more,
});

test('the version that the centre has named goes before the one that the server would take', async () => {
  server.onPhoto = ({ work_id }, stream) => stream.write({ result: { work_id } });
  const models = [
    offered('plants', '2', { state: 'STATE_UNLOADED' }),
    offered('plants', '3', { default_version: true }),
  ];
  server.report = { ...server.report, models };
  const model = async () => (await counting.count(PHOTO, never)).model;
  for (const [versions, counted] of [
    [[], 'plants/3'],
    [['2'], 'plants/2'],
    [['4', '2'], 'plants/2'],
    [['4'], 'plants/3'],
  ] as const) {
    preferred = { plants: [...versions] };
    expect(await model()).toBe(counted);
  }
  expect(server.photos.map(({ pipeline }) => pipeline?.models?.[0]?.version)).toEqual([
    '3',
    '2',
    '2',
    '3',
  ]);
});

test('a model is tried with a picture, and its failures are told from those of the server', async () => {
  const tried = { name: 'plants', version: '4' };
  const attempt = () => rejection(counting.tryModel(tried, never));
  expect(await attempt()).toBeInstanceOf(ModelNotServed);
  const bad = offered('plants', '4', { state: 'STATE_UNAVAILABLE', reason: 'no ONNX file' });
  server.report = { ...server.report, ready: false, models: [bad] };
  expect(await attempt()).toMatchObject({ code: 'MODEL_INVALID', message: 'no ONNX file' });
  server.report = { ...server.report, models: [offered('plants', '4')] };
  for (const code of ['MODEL_MEMORY_FULL', 'INFERENCE_FAILED']) {
    server.onPhoto = ({ work_id }, stream) =>
      stream.write({ failure: { work_id, code, message: 'not now', retryable: true } });
    expect(await attempt()).toBeInstanceOf(ModelNotServed);
  }
  server.onPhoto = ({ work_id }, stream) => stream.write({ result: { work_id } });
  await counting.tryModel(tried, never);
  const { content, sha256 } = server.photos.at(-1) ?? {};
  expect(Bun.SHA256.hash(content as Uint8Array, 'hex')).toBe(sha256?.toString('hex') as string);
  server.stop();
  const away = await attempt();
  expect(away).toBeInstanceOf(CountServerAway);
  expect(away).not.toBeInstanceOf(ModelNotServed);
});
