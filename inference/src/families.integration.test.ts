/**
 * A small generated model of each family, through a real server, beside what NumPy and onnxruntime in
 * Python make of it (_families/).
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Pipeline, Result__Output } from '@demeter/proto';
import { startServer, TestCore, type TestServer, temporaryFolder } from './_testing.ts';

// Python and a server start here, on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

type Mask = NonNullable<Result__Output['detections']>['masks'][number];

interface Expected {
  readonly objects: readonly {
    readonly box: readonly number[];
    readonly score: number;
    readonly class: number;
    readonly keypoints?: readonly number[];
    readonly rotated?: readonly number[];
    readonly mask?: readonly (readonly [y: number, x: number])[];
  }[];
  readonly classes: readonly number[];
  readonly embedding: readonly number[];
  readonly text: string;
  readonly confidence: number;
  readonly corners: readonly (readonly number[])[];
}

const python = process.env.DEMETER_TEST_PYTHON;
/** float32 in the graph, and the sums of two programs. */
const CLOSE = 1e-3;

describe.skipIf(!python)('families (needs DEMETER_TEST_PYTHON)', () => {
  const folder = temporaryFolder();
  let expected: Record<string, Expected>;
  let server: TestServer;
  let core: TestCore;
  let sent = 0;

  beforeAll(async () => {
    const made = Bun.spawnSync([python!, '-B', join(import.meta.dir, '_families/make.py'), folder]);
    if (!made.success) throw new Error(made.stderr.toString());
    expected = await Bun.file(join(folder, 'expected.json')).json();
    server = await startServer({ MODEL_DIR: folder });
    core = new TestCore(server.line.grpc);
  });
  afterAll(async () => {
    core.close();
    await server.stop();
  });

  async function ask(photo: string, pipeline: Pipeline): Promise<Result__Output> {
    const id = String(sent++);
    core.sendPhoto(id, await Bun.file(join(folder, photo)).bytes(), '', { pipeline });
    const answer = await core.answerOf(id);
    if (!answer.result) throw new Error(JSON.stringify(answer));
    return answer.result;
  }
  const model = (name: string, role = 'plants') => ({ role, name, version: '1' });

  const yolo = ['detect', 'segment', 'pose', 'obb'].flatMap((task) => [task, `${task}-final`]);
  for (const name of [...yolo, 'half', 'detr', 'detr-softmax', 'detr-sigmoid']) {
    test(`${name}: the same objects`, async () => {
      const { objects } = expected[name]!;
      const { detections } = await ask('photo.png', { models: [model(name)], masks: true });
      expect(objects.length).toBeGreaterThanOrEqual(4);
      expect(detections?.class_names).toEqual(["potter's wheel", 'pot', 'plant']);
      expect(detections?.class_ids).toEqual(objects.map((object) => object.class));
      expectClose(
        detections?.confidences,
        objects.map(({ score }) => score),
      );
      expectClose(
        detections?.boxes,
        objects.flatMap(({ box }) => box),
        0.02,
      );
      expectClose(
        detections?.rotated,
        objects.flatMap(({ rotated = [] }) => rotated),
        0.02,
      );
      expectClose(
        detections?.keypoints,
        objects.flatMap(({ keypoints = [] }) => keypoints),
        0.02,
      );
      expect(detections?.keypoints_per_object).toBe(name.startsWith('pose') ? 5 : 0);
      const masks = objects.flatMap(({ mask }) => (mask ? [mask] : []));
      expect(detections?.masks).toHaveLength(masks.length);
      for (const [k, mask] of masks.entries()) {
        const pixels = toPixels(detections!.masks[k]!);
        const wanted = new Set(mask.map(([y, x]) => `${x},${y}`));
        // A logit next to zero may fall on either side.
        expect(pixels.symmetricDifference(wanted).size).toBeLessThanOrEqual(2);
      }
    });
  }

  test('masks come only where they are asked for', async () => {
    const { detections } = await ask('photo.png', { models: [model('segment')] });
    expect(detections?.confidences).toHaveLength(expected.segment!.objects.length);
    expect(detections?.masks).toEqual([]);
  });

  for (const name of ['classify', 'grey']) {
    test(`${name}: the same classes, best first`, async () => {
      const { classifications } = await ask('photo.png', { models: [model(name)] });
      const wanted = expected[name]!.classes.toSorted((a, b) => b - a);
      expectClose(
        classifications.map(({ confidence }) => confidence),
        wanted,
      );
      const best = expected[name]!.classes.indexOf(wanted[0]!);
      expect(classifications[0]?.class_name).toBe(["potter's wheel", 'pot', 'plant'][best]!);
    });
  }

  test('embed: the same vector', async () => {
    const { embedding } = await ask('photo.png', { models: [model('embed')] });
    expectClose(embedding, expected.embed!.embedding);
  });

  test('ctc: the same line, at the width that it has', async () => {
    const { texts } = await ask('line.png', { models: [model('ctc')] });
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatchObject({
      text: expected.ctc!.text,
      corners: [0, 0, 352, 0, 352, 48, 0, 48],
    });
    expectClose([texts[0]!.confidence], [expected.ctc!.confidence]);
  });

  test('db: the same lines, in reading order; read where a reader follows', async () => {
    const wanted = expected.db!.corners.toSorted((a, b) => a[1]! - b[1]!);
    const finder = model('db', 'find');
    const { texts } = await ask('page.png', { models: [finder] });
    expect(texts.map(({ text }) => text)).toEqual(['', '', '']);
    expectClose(
      texts.flatMap(({ corners }) => corners),
      wanted.flat(),
      0.05,
    );
    const read = await ask('page.png', { models: [finder, model('ctc', 'read')] });
    expectClose(
      read.texts.flatMap(({ corners }) => corners),
      wanted.flat(),
      0.05,
    );
  });

  test('several models of one role are one answer; of several roles, each its own', async () => {
    const alone = await ask('photo.png', { models: [model('detect')] });
    const twice = await ask('photo.png', { models: [model('detect'), model('detect')] });
    // Two equal votes: no box is new, and the sure ones stay.
    expect(twice.detections?.confidences.length).toBeWithin(
      1,
      1 + alone.detections!.confidences.length,
    );
    expect(Math.max(...twice.detections!.confidences)).toBeCloseTo(
      Math.max(...alone.detections!.confidences),
      5,
    );
    const models = [model('detect', 'a'), model('detr', 'b'), model('classify', 'c')];
    const both = await ask('photo.png', { models });
    const { detections } = both;
    const count = expected.detect!.objects.length + expected.detr!.objects.length;
    expect(detections?.confidences).toHaveLength(count);
    expect(detections?.confidences).toEqual(detections!.confidences.toSorted((a, b) => b - a));
    expect(both.classifications).toHaveLength(3);
  });
});

function expectClose(found: readonly number[] = [], wanted: readonly number[], within = CLOSE) {
  expect(found).toHaveLength(wanted.length);
  const farthest = Math.max(0, ...wanted.map((value, k) => Math.abs(value - found[k]!)));
  expect(farthest).toBeLessThanOrEqual(within);
}

function toPixels({ x, y, width, height, runs }: Mask): Set<string> {
  const pixels = new Set<string>();
  let at = 0;
  for (const [k, run] of runs.entries()) {
    for (const end = at + run; at < end; at++) {
      if (k % 2 === 1) pixels.add(`${x + (at % width)},${y + Math.floor(at / width)}`);
    }
  }
  expect(at).toBe(width * height);
  return pixels;
}
