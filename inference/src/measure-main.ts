/**
 * What bench/ starts to measure parts of this program without the rest. One line of JSON comes out
 * for each that comes in.
 *
 * `measure-main.ts merge BOXES` suppresses the first `count` boxes of a file (float32 rows x1, y1, x2,
 * y2, score) at IoU 0.5. `measure-main.ts count MODEL` counts the photo `file` `times` over in tiles of
 * the model's size, decode to merge, two at a time as the server does, without RPC; environment as
 * for the server.
 */
import { readConfig } from './config.ts';
import { Calibration } from './model/calibrate.ts';
import { readRepository } from './model/repository.ts';
import { Sessions } from './model/sessions.ts';
import { Batcher } from './pipeline/batcher.ts';
import { countPhoto } from './pipeline/count-photo.ts';
import { openPhoto } from './pipeline/decode.ts';
import { nms } from './pipeline/nms.ts';
import { noTimings } from './pipeline/timings.ts';

const PHOTOS_ACTIVE = 2;

const [what, argument = ''] = process.argv.slice(2);
if ((what !== 'merge' && what !== 'count') || argument === '') {
  throw new Error('usage: measure-main.ts merge BOXES | count MODEL');
}
const answer = await { merge, count }[what](argument);
console.log(JSON.stringify({ ready: true }));
for await (const line of console) {
  // The end of stdin comes as an empty line.
  if (line !== '') console.log(JSON.stringify(await answer(JSON.parse(line))));
}

async function merge(file: string) {
  const rows = new Float32Array(await Bun.file(file).arrayBuffer());
  return async ({ count }: { count: number }) => {
    const set = {
      boxes: Float32Array.from({ length: 4 * count }, (_, i) => rows[5 * (i >> 2) + (i & 3)]!),
      scores: Float32Array.from({ length: count }, (_, i) => rows[5 * i + 4]!),
      classes: new Uint32Array(count),
    };
    const started = performance.now();
    const kept = nms(set, { iou: 0.5, inside: 1 }).length;
    return { ms: performance.now() - started, kept };
  };
}

async function count(model: string) {
  const { values, modelFolders, threads } = readConfig(process.env);
  const entries = await readRepository(modelFolders, values.APP_ENV, new Map());
  const entry = entries.find(({ name }) => name === model);
  if (!entry || !('spec' in entry)) throw new Error(`there is no model ${model}`);
  const { spec } = entry;
  const calibration = new Calibration({
    budgetMs: values.DEMETER_INFERENCE_CALIBRATION_MS,
    folder: values.DEMETER_GPU_LOCK_DIR,
  });
  const sessions = new Sessions({ calibration });
  const loaded = await sessions.load(spec, { providers: ['cpu'], threads });
  const batcher = new Batcher(sessions, spec, loaded);
  const pixelsMax = values.DEMETER_PHOTO_PIXELS_MAX;

  const countOne = async (bytes: Uint8Array) => {
    const photo = await openPhoto(bytes, pixelsMax);
    return countPhoto(photo, {
      ...{ spec, batcher, pixelsMax, confidence: spec.confidence, iou: spec.iou, lane: 0 },
      ...{ inside: spec.inside, edgeConfidence: spec.edgeConfidence, masks: false },
      tiling: { tilePx: Math.max(spec.input.width, spec.input.height) },
      overlap: spec.tiling.overlap,
      signal: new AbortController().signal,
      timings: noTimings(),
    });
  };
  return async ({ file, times }: { file: string; times: number }) => {
    const bytes = await Bun.file(file).bytes();
    const started = performance.now();
    let left = times;
    let tiles = 0;
    const work = async () => {
      while (left-- > 0) tiles += (await countOne(bytes)).tiles;
    };
    await Promise.all(Array.from({ length: PHOTOS_ACTIVE }, work));
    return { ms: performance.now() - started, tiles, ...loaded };
  };
}
