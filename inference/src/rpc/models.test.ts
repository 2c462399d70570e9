/** Administration of models over real gRPC, on classifiers of a few hundred bytes made here. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeErrorDetails, ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import type { ServiceError } from '@grpc/grpc-js';
import { rejection, startServer, type TestServer, temporaryFolder } from '../_testing.ts';
import { TINY_CLASSES, tinyModel, writeTiny } from '../_tiny-model.ts';
import { TestModels, type TestUpload } from './_models-client.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const { metadata } = (await rejection(promise)) as ServiceError;
  return decodeErrorDetails(metadata.get(ERROR_DETAILS_KEY)[0] as Buffer)?.reason;
}

/** Everything below `folder`, hidden names too. */
const filesIn = (folder: string) => readdirSync(folder, { recursive: true }).sort();

describe('administration of models', () => {
  let folder: string;
  let server: TestServer;
  let models: TestModels;
  beforeAll(async () => {
    folder = temporaryFolder();
    writeTiny(folder, { name: 'leaf', version: '1', answers: 0 });
    server = await startServer({ MODEL_DIR: folder });
    models = new TestModels(server.line.grpc);
  });
  afterAll(async () => {
    models.close();
    await server.stop();
  });

  test('an upload is checked, appears whole, and survives a restart', async () => {
    const bytes = tinyModel({ answers: 1, ballastBytes: 700_000 });
    const status = await models.upload({ name: 'fern', version: '3', bytes, load: true });
    expect(status).toMatchObject({
      ...{ name: 'fern', version: '3', state: 'STATE_READY', task: 'classify', provider: 'cpu' },
      ...{ default_version: true, pinned: false, reason: '', class_names: [...TINY_CLASSES] },
      ...{ batch_sizes: [1], sessions: 1 },
    });
    expect(Number(status.bytes)).toBeGreaterThanOrEqual(700_000);
    expect(Number(status.loaded_at_ms)).toBeGreaterThan(1.6e12);
    expect(filesIn(folder)).toEqual(
      ['fern', 'fern/3', 'fern/3/.uploaded', 'fern/3/fern.onnx', 'leaf', 'leaf/1'].concat(
        'leaf/1/leaf.onnx',
      ),
    );
    const again = { name: 'fern', version: '3', bytes: tinyModel({ answers: 2 }) };
    expect(await codeOf(models.upload(again))).toBe('ALREADY_EXISTS');

    // A process that is killed in the middle of an upload leaves this behind.
    mkdirSync(join(folder, '.upload-killed', 'half', '1'), { recursive: true });
    writeFileSync(join(folder, '.upload-killed', 'half', '1', 'half.onnx'), bytes.subarray(9));
    const restarted = await startServer({ MODEL_DIR: folder });
    const others = new TestModels(restarted.line.grpc);
    expect((await others.list())['fern/3']?.state).toBe('STATE_READY');
    expect(filesIn(folder).filter((name) => String(name).startsWith('.upload'))).toEqual([]);
    others.close();
    await restarted.stop();
  });

  const good = tinyModel({ answers: 3 });
  const manifest = (more: object) =>
    JSON.stringify({
      ...{ name: 'bad', version: '1', role: 'plants', file: 'bad.onnx', object_px: [26, 280] },
      sha256: new Bun.CryptoHasher('sha256').update(good).digest('hex'),
      input: { size: [32, 32] },
      output: { layout: 'classify' },
      classes: TINY_CLASSES,
      thresholds: { confidence: 0.3, iou: 0.5 },
      ...more,
    });
  const wrong: readonly (readonly [string, string, Partial<TestUpload>])[] = [
    ['a file cut short', 'MODEL_INVALID', { bytes: good.subarray(0, good.length - 40) }],
    ['no model at all', 'MODEL_INVALID', { bytes: Buffer.from('no model at all') }],
    [
      // More than a process can address: some machines promise whatever is asked for less.
      'a model that asks for more memory than any machine has',
      'MODEL_MEMORY_FULL',
      { bytes: tinyModel({ answers: 3, squareSide: 2 ** 24 }) },
    ],
    ['another hash', 'CHECKSUM_MISMATCH', { sha256: Buffer.alloc(32, 7) }],
    ['half a hash', 'INVALID_INPUT', { sha256: Buffer.alloc(16) }],
    ['fewer bytes than announced', 'INVALID_INPUT', { sizeBytes: good.length + 1 }],
    ['more bytes than announced', 'INVALID_INPUT', { sizeBytes: good.length - 1 }],
    ['more bytes than are taken', 'INVALID_INPUT', { sizeBytes: 2 ** 45 }],
    ['a name that leads elsewhere', 'INVALID_INPUT', { name: '../elsewhere' }],
    ['no version', 'INVALID_INPUT', { version: '' }],
    ['a manifest of another model', 'MODEL_INVALID', { manifest: manifest({ name: 'other' }) }],
    ['a manifest that is none', 'MODEL_INVALID', { manifest: '{' }],
    [
      'a manifest of another shape',
      'MODEL_INVALID',
      { manifest: manifest({ input: { size: [64, 64] } }) },
    ],
    [
      'more classes than the output has, found only by running it',
      'MODEL_INVALID',
      { manifest: manifest({ classes: [...TINY_CLASSES, 'elder'] }) },
    ],
  ];
  for (const [what, code, more] of wrong) {
    test(`an upload with ${what} is refused and leaves nothing`, async () => {
      const before = filesIn(folder);
      const known = await models.list();
      const upload = { name: 'bad', version: '1', bytes: good, ...more };
      expect(await codeOf(models.upload(upload))).toBe(code);
      expect(filesIn(folder)).toEqual(before);
      expect(Object.keys(await models.list())).toEqual(Object.keys(known));
    });
  }

  test('an upload whose client goes away leaves nothing', async () => {
    const before = filesIn(folder);
    const call = models.client.uploadModel(() => {});
    call.on('error', () => {});
    call.write({
      header: { name: 'half', version: '1', sha256: Buffer.alloc(32), size_bytes: 1_000 },
    });
    call.write({ chunk: Buffer.alloc(500) });
    while (!filesIn(folder).some((name) => String(name).endsWith('half.onnx'))) await Bun.sleep(5);
    call.cancel();
    while (filesIn(folder).length > before.length) await Bun.sleep(5);
    expect(filesIn(folder)).toEqual(before);
  });

  test('a version is loaded, pinned, unloaded, and followed by its health', async () => {
    const watched = models.watch('leaf', '1');
    expect(await models.health('leaf', '1')).toBe('SERVING');
    expect((await models.unload('leaf')).map(({ state }) => state)).toEqual(['STATE_UNLOADED']);
    expect(await models.health('leaf', '1')).toBe('NOT_SERVING');
    expect(await models.load('leaf', '', true)).toMatchObject({
      ...{ version: '1', state: 'STATE_READY', pinned: true },
    });
    expect(await models.health('leaf', '1')).toBe('SERVING');
    expect((await models.pin('leaf', '1', false)).pinned).toBe(false);
    while (watched.seen.length < 3) await Bun.sleep(5);
    expect(watched.seen.slice(0, 3)).toEqual(['SERVING', 'NOT_SERVING', 'SERVING']);
    watched.stop();
    for (const call of [
      () => models.load('nobody'),
      () => models.load('leaf', '77'),
      () => models.unload('nobody'),
      () => models.pin('leaf', '77', true),
      () => models.remove('leaf', '77'),
    ]) {
      expect(await codeOf(call())).toBe('NOT_FOUND');
    }
  });

  test('only what was uploaded and is not in memory can be removed', async () => {
    expect(await codeOf(models.remove('leaf', '1'))).toBe('CONFLICT');
    await models.unload('leaf', '1');
    expect(await codeOf(models.remove('leaf', '1'))).toBe('CONFLICT');
    await models.unload('fern', '3');
    await models.remove('fern', '3');
    expect(filesIn(folder)).toEqual(['leaf', 'leaf/1', 'leaf/1/leaf.onnx']);
    expect(Object.keys(await models.list())).toEqual(['leaf/1']);
  });

  test('a new version in the folder is found on request; one that is gone goes', async () => {
    writeTiny(folder, { name: 'leaf', version: '2', answers: 1 });
    expect(await models.load('leaf', '2')).toMatchObject({
      ...{ state: 'STATE_READY', default_version: true },
    });
    rmSync(join(folder, 'leaf', '2'), { recursive: true });
    expect(await models.load('leaf', '1')).toMatchObject({
      ...{ state: 'STATE_READY', default_version: true },
    });
    expect(Object.keys(await models.list())).toEqual(['leaf/1']);
  });
});

describe('a server with a tiny budget', () => {
  test('refuses loads and uploads by name, keeps nothing, and lives', async () => {
    const folder = temporaryFolder();
    writeTiny(folder, { name: 'leaf', version: '1', answers: 0 });
    const server = await startServer({
      MODEL_DIR: folder,
      DEMETER_INFERENCE_MEMORY_BYTES: '1000000',
    });
    const models = new TestModels(server.line.grpc);
    expect(server.line).toMatchObject({ ready: false });
    expect((await models.list())['leaf/1']).toMatchObject({
      ...{ state: 'STATE_UNLOADED', bytes: '0' },
      reason: expect.stringContaining('memory budget'),
    });
    expect(await codeOf(models.load('leaf'))).toBe('MODEL_MEMORY_FULL');
    const upload = { name: 'fern', version: '1', bytes: tinyModel({ answers: 1 }) };
    expect(await codeOf(models.upload(upload))).toBe('MODEL_MEMORY_FULL');
    expect(filesIn(folder)).toEqual(['leaf', 'leaf/1', 'leaf/1/leaf.onnx']);
    models.close();
    expect(await server.stop()).toBe(0);
  });
});
