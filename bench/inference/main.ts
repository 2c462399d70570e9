/**
 * What serving costs: tiles per second through gRPC, decoding, cutting, batching and merging, beside
 * a bare onnxruntime-node loop on the same tiles and threads. `bun run bench inference [--json] [--pairs N]`.
 * Pairs are interleaved, since the machine's speed drifts; only their ratios count.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveTiles } from '../journey/served-tiles.ts';

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
const MODEL = 'yolov8n_int8_640';
const PHOTO = join(data, 'derived/tray_mosaic_20MP.jpg');
const SMALL_PHOTO = join(data, 'reference/bus.jpg');
/** Two photos of 80 tiles: the second is decoded while the first is inferred, as in a queue. */
const PHOTOS = 2;
const SMALL_PHOTOS = 60;
const BARE_TILES = 60;

const threads = Number(values.threads);
const bare = Bun.spawn(
  [
    process.execPath,
    join(import.meta.dir, '../journey/bare-loop-main.ts'),
    join(data, 'models', `${MODEL}.onnx`),
    PHOTO,
    String(threads),
  ],
  { stdin: 'pipe', stdout: 'pipe', stderr: 'ignore', env: { ORT_DISABLE_TELEMETRY: '1' } },
);
const bareOutput = bare.stdout.getReader();
await readLine();
const served = await serveTiles({ modelFolder: join(data, 'models'), model: MODEL, threads });

const photo = await Bun.file(PHOTO).bytes();
const smallPhoto = await Bun.file(SMALL_PHOTO).bytes();
const tiled = () => rate(() => served.count({ content: photo, times: PHOTOS, tiled: true }));
const single = () =>
  rate(() => served.count({ content: smallPhoto, times: SMALL_PHOTOS, tiled: false }));

await tiled();
const pairs: { tiled: number; single: number; bare: number }[] = [];
for (let pair = 0; pair < Number(values.pairs); pair++) {
  pairs.push({ bare: await bareRate(BARE_TILES), tiled: await tiled(), single: await single() });
  if (!values.json) console.error(pairs.at(-1));
}
const peakBytes = { inference: await peakOf(served.pid), bare: await peakOf(bare.pid) };
await served.stop();
bare.kill();

const summary = {
  ratio: round(median(pairs.map((p) => p.tiled / p.bare))),
  ratio_single_tile: round(median(pairs.map((p) => p.single / p.bare))),
  bare_tiles_per_second: round(median(pairs.map((p) => p.bare))),
  served_tiles_per_second: round(median(pairs.map((p) => p.tiled))),
  threads,
  pairs: pairs.length,
  peak_resident_bytes: peakBytes,
};
console.log(values.json ? JSON.stringify(summary) : summary);

/** Tiles per second of what `count` has counted. */
async function rate(count: () => Promise<readonly { tiles: number }[]>): Promise<number> {
  const started = performance.now();
  const results = await count();
  const tiles = results.reduce((sum, result) => sum + result.tiles, 0);
  return (1000 * tiles) / (performance.now() - started);
}

async function bareRate(tiles: number): Promise<number> {
  bare.stdin.write(`${tiles}\n`);
  bare.stdin.flush();
  return (1000 * tiles) / Number(await readLine());
}

async function readLine(): Promise<string> {
  const { value } = await bareOutput.read();
  return new TextDecoder().decode(value).trim();
}

/** High-water mark of a process's resident memory (Linux). */
async function peakOf(pid: number): Promise<number> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
