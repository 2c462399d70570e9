/**
 * Our server beside Ultralytics, SAHI and Roboflow's inference-models in process and MLServer served:
 * same photos, ONNX file and threads, each divided by the bare loop of the ONNX Runtime it uses.
 * `bun run bench serve [--json] [--pairs N]`. Runs are interleaved. The first run builds Python
 * environments of several GB in the user's cache folder, and says so; nothing of them enters Demeter.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBareLoop } from '../journey/bare-loop.ts';
import { cutTiles } from '../journey/photo-tiles.ts';
import { serveTiles } from '../journey/served-tiles.ts';
import type { LineProcess } from '../line-process.ts';
import { type PeerEnvironment, startPeer } from '../peers/peer.ts';
import { median, round } from '../statistics.ts';

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
/** 20 tiles. */
const PHOTO = join(data, 'trays/arabidopsis_tray.jpg');
const PHOTOS = 2;
const BARE_TILES = 10;
const MLSERVER_TILES = 10;

interface Timed {
  readonly ms: number;
  readonly tiles: number;
}

/** One who counts photos, and the bare loop of its runtime; tiles per second. */
interface Rival {
  readonly name: string;
  rate(): Promise<number>;
  bareRate(): Promise<number>;
  stop(): Promise<void>;
}

const PEERS: readonly (readonly [string, PeerEnvironment, script: string])[] = [
  ['ultralytics', 'torch', 'ultralytics_predict.py'],
  ['sahi', 'torch', 'sahi_sliced.py'],
  ['roboflow', 'roboflow', 'roboflow_infer.py'],
  ['mlserver', 'mlserver', 'mlserver_tensors.py'],
];

const threads = Number(values.threads);
const model = join(data, 'models', `${MODEL}.onnx`);
const folder = mkdtempSync(join(tmpdir(), 'demeter-bench-'));
const rivals: Rival[] = [];
try {
  rivals.push(await startOwn());
  for (const peer of PEERS) rivals.push(await startRival(...peer));
  const ratios = new Map(rivals.map(({ name }) => [name, [] as number[]]));
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    for (const rival of rivals) {
      // The bare loop before and after, since machines drift.
      const before = await rival.bareRate();
      const rate = await rival.rate();
      const ratio = (2 * rate) / (before + (await rival.bareRate()));
      ratios.get(rival.name)?.push(ratio);
      console.error(`${rival.name}: ${round(rate)} tiles/s, ${round(ratio)} of bare`);
    }
  }
  const all = Object.fromEntries([...ratios].map(([name, list]) => [name, median(list)]));
  const best = (served: boolean) =>
    Math.max(...PEERS.flatMap(([name]) => ((name === 'mlserver') === served ? all[name]! : [])));
  const summary = {
    ratio_best_in_process: round(all.demeter! / best(false)),
    ratio_best_served: round(all.demeter! / best(true)),
    of_bare: Object.fromEntries(Object.entries(all).map(([name, ratio]) => [name, round(ratio)])),
    threads,
    pairs: Number(values.pairs),
  };
  console.log(values.json ? JSON.stringify(summary) : summary);
} finally {
  await Promise.all(rivals.map((rival) => rival.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function startOwn(): Promise<Rival> {
  const modelFolder = join(data, 'models');
  const server = await serveTiles({ modelFolder, model: MODEL, threads, folder });
  const bare = await startBareLoop({ model, photo: PHOTO, threads });
  const content = await Bun.file(PHOTO).bytes();
  const count = (times: number) => server.count({ content, times, tiling: 'tiles' });
  await count(1);
  return {
    name: 'demeter',
    rate: async () => {
      const started = performance.now();
      const results = await count(PHOTOS);
      const tiles = results.reduce((sum, result) => sum + result.tiles, 0);
      return (1000 * tiles) / (performance.now() - started);
    },
    bareRate: () => bare.rate(BARE_TILES),
    stop: async () => {
      await Promise.all([server.stop(), bare.stop()]);
    },
  };
}

async function startRival(
  name: string,
  environment: PeerEnvironment,
  script: string,
): Promise<Rival> {
  const served = name === 'mlserver';
  const input = served ? await writeTiles() : PHOTO;
  const args = [model, input, String(threads)];
  const peer: LineProcess = await startPeer({ environment, script, args, threads });
  const rate = async (request: object) => {
    const { ms, tiles } = await peer.ask<Timed>(request);
    return (1000 * tiles) / ms;
  };
  return {
    name,
    rate: () => rate({ what: 'count', times: PHOTOS }),
    bareRate: () => rate({ what: 'bare', tiles: BARE_TILES }),
    stop: peer.stop,
  };
}

async function writeTiles(): Promise<string> {
  const file = join(folder, 'tiles.bin');
  const tiles = await cutTiles(PHOTO, MLSERVER_TILES);
  await Bun.write(file, new Blob(tiles.map((tile) => new Uint8Array(tile.buffer as ArrayBuffer))));
  return file;
}
