/**
 * What serving costs, and what bulk work costs live photos: tiles per second through gRPC beside the
 * same work in one process without RPC and beside a bare onnxruntime-node loop; then the time of live
 * 12 MP photos with and without a bulk load. `bun run bench mesh [--json] [--pairs N] [--live N]`.
 * Pairs are interleaved, since a machine's speed drifts; only their ratios count.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBareLoop } from '../journey/bare-loop.ts';
import { peakMemory } from '../journey/memory.ts';
import { serveTiles } from '../journey/served-tiles.ts';
import { startLines } from '../line-process.ts';
import { median, round } from '../statistics.ts';
import { measureLive } from './live.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '3' },
    live: { type: 'string', default: '200' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const root = join(import.meta.dir, '../..');
const data = join(
  process.env.DEMETER_TEST_DATA ?? join(root, '../shared/data'),
  'photos-and-models',
);
const MODELS = join(data, 'models');
const MODEL = 'yolov8n_int8_640';
const PHOTO = join(data, 'derived/tray_mosaic_20MP.jpg');
/** 20 tiles. */
const BULK_PHOTO = join(data, 'trays/arabidopsis_tray.jpg');
/** Two photos of 80 tiles: the second is decoded while the first is inferred, as in a queue. */
const PHOTOS = 2;
const BARE_TILES = 40;

const threads = Number(values.threads);
const pairs = Number(values.pairs);
/** What the server finds out about the model, the one process knows too. */
const folder = mkdtempSync(join(tmpdir(), 'demeter-bench-'));
try {
  const tiles = pairs > 0 ? await measureTiles() : {};
  const live = await measureLive({
    ...{ folder, threads, samples: Number(values.live), livePhoto: PHOTO },
    bulkPhoto: BULK_PHOTO,
    modelFolder: join(root, 'models'),
  });
  const summary = { ...tiles, ...live, threads, pairs };
  console.log(values.json ? JSON.stringify(summary) : summary);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureTiles() {
  const served = await serveTiles({ modelFolder: MODELS, model: MODEL, threads, folder });
  const measure = join(root, 'inference/src/measure-main.ts');
  const own = await startLines([process.execPath, measure, 'count', MODEL], {
    ...{ USE_GPU: 'false', MODEL_DIR: MODELS, DEMETER_INFERENCE_THREADS: String(threads) },
    ...{ DEMETER_GPU_LOCK_DIR: folder, LOG_LEVEL: 'warn' },
  });
  const bare = await startBareLoop({ model: join(MODELS, `${MODEL}.onnx`), photo: PHOTO, threads });
  const content = await Bun.file(PHOTO).bytes();
  let decodeShare = 0;
  let setup: object = {};

  const rates = {
    served: async () => {
      const started = performance.now();
      const results = await served.count({ content, times: PHOTOS, tiling: 'tiles' });
      const ms = performance.now() - started;
      const tiles = results.reduce((sum, result) => sum + result.tiles, 0);
      decodeShare = results.reduce((sum, { timings }) => sum + (timings?.decode_ms ?? 0), 0) / ms;
      return (1000 * tiles) / ms;
    },
    one: async () => {
      const { ms, tiles, ...rest } = await own.ask<{ ms: number; tiles: number }>({
        ...{ file: PHOTO, times: PHOTOS },
      });
      setup = rest;
      return (1000 * tiles) / ms;
    },
    bare: () => bare.rate(BARE_TILES),
  };
  const names = ['served', 'one', 'bare'] as const;
  const measured: Record<(typeof names)[number], number>[] = [];
  try {
    for (let pair = 0; pair < pairs; pair++) {
      const pass = { served: 0, one: 0, bare: 0 };
      // Who comes first changes from pair to pair.
      for (let i = 0; i < names.length; i++) {
        const name = names[(i + pair) % names.length]!;
        pass[name] = await rates[name]();
      }
      measured.push(pass);
      console.error(pass);
    }
    return {
      ratio_one_process: round(median(measured.map((pass) => pass.served / pass.one))),
      ratio_bare: round(median(measured.map((pass) => pass.served / pass.bare))),
      served_tiles_per_second: round(median(measured.map((pass) => pass.served))),
      decode_share: round(decodeShare),
      setup,
      peak_resident_bytes: { ...peakMemory(served.pid), ...peakMemory(bare.pid) },
    };
  } finally {
    await Promise.all([served.stop(), own.stop(), bare.stop()]);
  }
}
