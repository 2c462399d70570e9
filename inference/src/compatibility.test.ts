/** Other people's YOLO exports, through a real server, against results of independent tools. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import type { Result__Output } from '@demeter/proto';
import { dataFile, startServer, TestCore, type TestServer, testData } from './_testing.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

type Box = readonly [number, number, number, number];

interface Golden {
  readonly photo: string;
  readonly width: number;
  readonly height: number;
  readonly conf: number;
  readonly iou: number;
  readonly pil_variant: {
    readonly detections: readonly { box: Box; score: number; class_id: number; class: string }[];
  };
}

interface Known {
  readonly measured_counts: Record<string, Record<string, Record<string, number>>>;
}

/** Scores so near the threshold may fall on either side of it with another resizer. */
const NEAR_THRESHOLD = 0.3;

describe.skipIf(testData === undefined)('files of others', () => {
  let server: TestServer;
  let core: TestCore;
  let sent = 0;
  beforeAll(async () => {
    server = await startServer({ MODEL_DIR: dataFile('photos-and-models/models') });
    core = new TestCore(server.line.grpc);
  });
  afterAll(async () => {
    core.close();
    await server.stop();
  });

  async function count(model: string, photo: string): Promise<Result__Output> {
    const id = `${model}:${photo}:${sent++}`;
    const bytes = await Bun.file(dataFile('photos-and-models', photo)).bytes();
    core.sendPhoto(id, bytes, model);
    const answer = await core.answerOf(id);
    if (!answer.result) throw new Error(JSON.stringify(answer));
    return answer.result;
  }

  for (const model of ['yolov8n_int8_640', 'yolov8n-seg_int8_320']) {
    test(`${model}: the counts that an independent decoder gets, ±1 a class`, async () => {
      const known: Known = await Bun.file(
        dataFile('photos-and-models/reference/known_results.json'),
      ).json();
      const photos = Object.entries(known.measured_counts[`${model}.onnx`] ?? {});
      expect(photos.length).toBeGreaterThanOrEqual(9);
      for (const [photo, expected] of photos) {
        const counts = countsOf(await count(model, photo));
        for (const name of new Set([...Object.keys(expected), ...Object.keys(counts)])) {
          const difference = Math.abs((counts[name] ?? 0) - (expected[name] ?? 0));
          expect(difference, `${photo}: ${name}`).toBeLessThanOrEqual(1);
        }
      }
    });

    test(`${model}: the boxes of the golden files, mean IoU ≥ 0.95 on every photo`, async () => {
      const files = await readdir(dataFile('golden', model));
      let compared = 0;
      for (const file of files) {
        const golden: Golden = await Bun.file(dataFile('golden', model, file)).json();
        const result = await count(model, golden.photo);
        expect(result).toMatchObject({ width: golden.width, height: golden.height });
        const ious = golden.pil_variant.detections.flatMap((detection) => {
          const best = Math.max(
            0,
            ...boxesOf(result, detection.class).map((box) => iou(box, detection.box)),
          );
          if (best === 0)
            expect(detection.score, `${golden.photo}: ${detection.class}`).toBeLessThan(
              NEAR_THRESHOLD,
            );
          return best === 0 ? [] : [best];
        });
        if (ious.length === 0) continue;
        compared += ious.length;
        const mean = ious.reduce((sum, value) => sum + value, 0) / ious.length;
        expect(mean, golden.photo).toBeGreaterThanOrEqual(0.95);
      }
      expect(compared).toBeGreaterThan(20);
    });
  }

  test('objects that tile edges cut are counted once: near the truth of a mosaic', async () => {
    const mosaic = dataFile('golden/photos/coco_mosaic_4x5');
    const { counts: truth } = await Bun.file(`${mosaic}.truth.json`).json();
    core.sendPhoto('tiled', await Bun.file(`${mosaic}.jpg`).bytes(), 'yolov8n_int8_640', {
      pipeline: { tiling: { mode: 'MODE_FIXED', tile_px: 640, overlap: 0.2 } },
    });
    const { result } = await core.answerOf('tiled');
    expect(result).toMatchObject({ tiles: 77, counted_long_side_px: 5400, capped: false });
    const error = (counts: Record<string, number>) =>
      Object.keys(truth).reduce(
        (sum, name) => sum + Math.abs((counts[name] ?? 0) - truth[name]),
        0,
      );
    // SAHI on the same model and tiles: 56 with suppression by IoU, 23 with its default merge.
    const sahi = await Bun.file(dataFile('golden/sahi-coco_mosaic_4x5.jpg-640.json')).json();
    expect(error(countsOf(result!))).toBeLessThan(error(sahi.tiles_only.counts) / 2);
    expect(error(countsOf(result!))).toBeLessThanOrEqual(
      error(sahi['greedynmm_ios_0.5_tiles_only'].counts),
    );
  });
});

function countsOf({ detections }: Result__Output): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of detections?.class_ids ?? []) {
    const name = detections?.class_names[id] ?? '?';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function boxesOf({ detections }: Result__Output, name: string): Box[] {
  return (detections?.class_ids ?? []).flatMap((id, k) =>
    detections?.class_names[id] === name
      ? [detections.boxes.slice(4 * k, 4 * k + 4) as unknown as Box]
      : [],
  );
}

function iou(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
}
