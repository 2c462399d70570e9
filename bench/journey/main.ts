/**
 * The whole journey, edge to result in the core, beside a bare onnxruntime-node loop: tiles per second
 * on the same model, tiles and threads. `bun run bench journey [--json] [--pairs N] [--threads N]`.
 * Pairs are interleaved, since a machine's speed drifts; only their ratios count.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { median, round } from '../statistics.ts';
import { startBareLoop } from './bare-loop.ts';
import { peakMemory } from './memory.ts';
import { TILE_PX } from './photo-tiles.ts';
import { type RunningDemo, startDemo } from './running-demo.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const data = join(
  process.env.DEMETER_TEST_DATA ?? join(import.meta.dir, '../../../shared/data'),
  'photos-and-models',
);
const MODEL = join(data, 'models/yolov8n_int8_640.onnx');
const PHOTO = join(data, 'derived/tray_mosaic_20MP.jpg');
/** Of 80 tiles each: enough that one is decoded, searched and drawn while another is inferred. */
const PHOTOS = 3;
const SMALL_PHOTOS = 48;
const BARE_TILES = 60;

const threads = Number(values.threads);
const pairs = Number(values.pairs);
const bare = await startBareLoop({ model: MODEL, photo: PHOTO, threads });
const demo = await startDemo({ model: MODEL, tiling: String(TILE_PX), threads });
try {
  const large = readFileSync(PHOTO);
  const small = await sharp(large)
    .extract({ left: 0, top: 0, width: TILE_PX, height: TILE_PX })
    .jpeg({ quality: 90 })
    .toBuffer();
  await journeyRate(demo, large, 1);
  const tiled = await measure(() => journeyRate(demo, large, PHOTOS));
  const single = await measure(() => journeyRate(demo, small, SMALL_PHOTOS));
  const peaks = { ...peakMemory(demo.pid), ...peakMemory(bare.pid) };
  const summary = {
    ratio: tiled.ratio,
    ratio_single_tile: single.ratio,
    bare_tiles_per_second: tiled.bare,
    journey_tiles_per_second: tiled.journey,
    journey_single_tile_photos_per_second: single.journey,
    threads,
    pairs,
    peak_resident_bytes: peaks,
  };
  console.log(values.json ? JSON.stringify(summary) : summary);
} finally {
  await Promise.all([bare.stop(), demo.stop()]);
}

/** Median of the ratios of interleaved pairs; what came first changes from pair to pair. */
async function measure(journey: () => Promise<number>) {
  const measured: { bare: number; journey: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const before = pair % 2 === 0 ? await bare.rate(BARE_TILES) : undefined;
    const rate = await journey();
    const bareRate = before ?? (await bare.rate(BARE_TILES));
    measured.push({ bare: bareRate, journey: rate });
    console.error(`bare ${round(bareRate)}, journey ${round(rate)}, ${round(rate / bareRate)}`);
  }
  return {
    ratio: round(median(measured.map((pair) => pair.journey / pair.bare))),
    bare: round(median(measured.map((pair) => pair.bare))),
    journey: round(median(measured.map((pair) => pair.journey))),
  };
}

/** Tiles per second from the first photo's sending to the last one's result. */
async function journeyRate(demo: RunningDemo, photo: Uint8Array, times: number): Promise<number> {
  const copies = Array.from({ length: times }, () => withComment(photo, crypto.randomUUID()));
  const started = performance.now();
  const counted = await Promise.all(
    copies.map(async (bytes) => demo.counted(await demo.send(bytes))),
  );
  const tiles = counted.reduce((sum, { run }) => sum + (run?.tiles ?? 0), 0);
  return (1000 * tiles) / (performance.now() - started);
}

/** The same picture in other bytes: a comment segment after the start marker of the JPEG. */
function withComment(jpeg: Uint8Array, text: string): Uint8Array {
  const comment = Buffer.from(text);
  const segment = Buffer.alloc(4 + comment.length);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(comment.length + 2, 2);
  segment.set(comment, 4);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
