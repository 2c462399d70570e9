/** Other people's YOLO exports, through a real server, against results of independent tools. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result__Output } from '@demeter/proto';
import sharp from 'sharp';
import {
  dataFile,
  startServer,
  TestCore,
  type TestServer,
  temporaryFolder,
  testData,
} from './_testing.ts';
import { recognise } from './model/foreign.ts';
import { parseOnnxFile } from './model/onnx-file.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

type Box = readonly [number, number, number, number];

interface Found {
  readonly box: Box;
  readonly score: number;
  readonly class_id: number;
  readonly class: string;
  readonly mask_area_px?: number;
  readonly mask_rle_row_major?: { readonly window: Box; readonly runs: readonly number[] };
}

interface Golden {
  readonly photo: string;
  readonly width: number;
  readonly height: number;
  readonly conf: number;
  readonly iou: number;
  readonly detections: readonly Found[];
  readonly pil_variant: { readonly detections: readonly Found[] };
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
    const folders = [dataFile('photos-and-models/models'), await describeModels()];
    server = await startServer({ MODEL_DIR: folders.join(',') });
    core = new TestCore(server.line.grpc);
  });
  afterAll(async () => {
    core.close();
    await server.stop();
  });

  async function ask(bytes: Uint8Array, model: string, masks = false): Promise<Result__Output> {
    const id = `${model}:${sent++}`;
    const pipeline = { models: [{ role: 'plants', name: model, version: '1' }], masks };
    core.sendPhoto(id, bytes, model, { pipeline });
    const answer = await core.answerOf(id);
    if (!answer.result) throw new Error(JSON.stringify(answer));
    return answer.result;
  }

  const read = (photo: string) => Bun.file(dataFile('photos-and-models', photo)).bytes();
  const counted = new Map<string, Promise<Result__Output>>();
  /** Each photo once by each model: several tests look at the same answer. */
  const count = (model: string, photo: string) => {
    const key = `${model}: ${photo}`;
    const answer = counted.get(key) ?? read(photo).then((bytes) => ask(bytes, model));
    counted.set(key, answer);
    return answer;
  };

  for (const model of ['yolov8n_int8_640', 'yolov8n-seg_int8_320', 'yolox_nano_416']) {
    test(`${model}: the counts that an independent decoder gets, ±1 a class`, async () => {
      const known: Known = await Bun.file(
        dataFile('photos-and-models/reference/known_results.json'),
      ).json();
      const photos = Object.entries(known.measured_counts[`${model}.onnx`] ?? {});
      expect(photos.length).toBeGreaterThanOrEqual(9);
      for (const [photo, expected] of photos) {
        const counts = countsOf(await count(named(model), photo));
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
        const result = await count(named(model), golden.photo);
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

  test('masks are those of the golden files: mean IoU ≥ 0.95, areas within 5 %', async () => {
    const model = 'yolov8n-seg_int8_320';
    const ious: number[] = [];
    for (const file of await readdir(dataFile('golden', model))) {
      const golden: Golden = await Bun.file(dataFile('golden', model, file)).json();
      // Masks are written out for photos under 3 MP that show something.
      if (!golden.detections.some((found) => found.mask_rle_row_major)) continue;
      const { detections, width } = await ask(await read(golden.photo), model, true);
      expect(detections?.masks).toHaveLength(detections!.confidences.length);
      const masks = detections!.masks.map((mask) => toPixels({ ...mask, photoWidth: width }));
      const find = (found: Found) =>
        masks.findIndex(
          (_, k) =>
            detections!.class_names[detections!.class_ids[k]!] === found.class &&
            iou(boxAt(detections!.boxes, k), found.box) > 0.8,
        );
      for (const found of golden.detections) {
        const own = masks[find(found)];
        const rle = found.mask_rle_row_major;
        if (!own || !rle) continue;
        const [x, y, right, bottom] = rle.window;
        const window = { x, y, width: right - x, height: bottom - y, photoWidth: width };
        const theirs = toPixels({ ...window, runs: rle.runs });
        const shared = own.intersection(theirs).size;
        ious.push(shared / (own.size + theirs.size - shared));
      }
      for (const found of golden.pil_variant.detections) {
        const own = masks[find(found)];
        if (!own) continue;
        const difference = Math.abs(own.size - found.mask_area_px!);
        expect(difference, `${golden.photo}: ${found.class}`).toBeLessThanOrEqual(
          Math.max(40, 0.05 * found.mask_area_px!),
        );
      }
    }
    expect(ious.length).toBeGreaterThanOrEqual(15);
    // Another resizer moves the edge of a car 30 pixels wide by one.
    expect(Math.min(...ious)).toBeGreaterThanOrEqual(0.85);
    expect(ious.reduce((sum, each) => sum + each, 0) / ious.length).toBeGreaterThanOrEqual(0.95);
  });

  test('PP-OCR tells a line of text from the same line upside down', async () => {
    const line = await drawLine('DEMETER');
    for (const [degrees, name] of [
      [0, 'upright'],
      [180, 'upside down'],
    ] as const) {
      const photo = await sharp(line).rotate(degrees).png().toBuffer();
      const [best] = (await ask(photo, 'direction')).classifications;
      expect(best?.class_name).toBe(name);
    }
  });

  test('objects that tile edges cut are counted once: near the truth of a mosaic', async () => {
    const mosaic = dataFile('golden/photos/coco_mosaic_4x5');
    const { counts: truth } = await Bun.file(`${mosaic}.truth.json`).json();
    core.sendPhoto('tiled', await Bun.file(`${mosaic}.jpg`).bytes(), 'yolov8n_int8_640', {
      pipeline: { tiling: { mode: 'MODE_FIXED', tile_px: 640, overlap: 0.2 } },
      // Seventy-seven tiles: seconds on an idle machine, minutes on a crowded one.
      deadline_ms: 240_000,
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
    expect(error(countsOf(result!))).toBeLessThan(
      error(sahi['greedynmm_ios_0.5_tiles_only'].counts),
    );
  }, 240_000);
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

function boxAt(boxes: readonly number[], index: number): Box {
  return boxes.slice(4 * index, 4 * index + 4) as unknown as Box;
}

interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly runs: readonly number[];
  readonly photoWidth: number;
}

/** Pixels of the photo inside a mask, by their place in it. */
function toPixels({ x, y, width, height, runs, photoWidth }: Window): Set<number> {
  const pixels = new Set<number>();
  let at = 0;
  for (const [k, run] of runs.entries()) {
    for (const end = at + run; at < end; at++) {
      const row = y + Math.floor(at / width);
      if (k % 2 === 1) pixels.add(row * photoWidth + x + (at % width));
    }
  }
  expect(at).toBe(width * height);
  return pixels;
}

/** Files that do not say enough of themselves get a manifest; YOLOX its classes, COCO's. */
const named = (model: string) => (model === 'yolox_nano_416' ? 'yolox' : model);

async function describeModels(): Promise<string> {
  const folder = temporaryFolder();
  const detector = dataFile('photos-and-models/models/yolov8n_int8_640.onnx');
  const { classNames } = recognise(parseOnnxFile(await Bun.file(detector).bytes()));
  const thresholds = { confidence: 0.25, iou: 0.45 };
  await describeModel(folder, 'yolox', 'yolox_nano_416.onnx', {
    input: { size: [416, 416] },
    output: { layout: 'yolox' },
    classes: classNames,
    thresholds,
    object_px: [32, 320],
    tiling: 'off',
  });
  await describeModel(folder, 'direction', 'ppocr_cls.onnx', {
    input: { size: [48, 192], fit: 'line', color: 'BGR', mean: [0.5], std: [0.5], pad: 127.5 },
    output: { layout: 'classify' },
    classes: ['upright', 'upside down'],
  });
  return folder;
}

async function describeModel(folder: string, name: string, file: string, manifest: object) {
  const path = dataFile('photos-and-models/models', file);
  const version = join(folder, name, '1');
  mkdirSync(version, { recursive: true });
  copyFileSync(path, join(version, file));
  const sha256 = createHash('sha256')
    .update(await Bun.file(path).bytes())
    .digest('hex');
  const said = { name, version: '1', role: 'plants', file, sha256, ...manifest };
  writeFileSync(join(version, 'manifest.json'), JSON.stringify(said));
}

/** Five by seven pixels a letter. */
const LETTERS: Readonly<Record<string, string>> = {
  D: '11110100011000110001100011000111110',
  E: '11111100001000011110100001000011111',
  M: '10001110111010110001100011000110001',
  T: '11111001000010000100001000010000100',
  R: '11110100011000111110101001001010001',
};

/** Dark letters on white, as one line. */
async function drawLine(text: string): Promise<Buffer> {
  const [width, height] = [6 * text.length + 1, 9];
  const data = Buffer.alloc(width * height * 3, 255);
  for (const [at, letter] of [...text].entries()) {
    for (const [k, ink] of [...LETTERS[letter]!].entries()) {
      const x = 6 * at + 1 + (k % 5);
      const y = 1 + Math.floor(k / 5);
      if (ink === '1') data.fill(20, 3 * (y * width + x), 3 * (y * width + x) + 3);
    }
  }
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(width * 6, height * 6, { kernel: 'cubic' })
    .png()
    .toBuffer();
}
