/**
 * What loading a model does to the photos that run beside it: 95th percentile of their latency while
 * another model is loaded and unloaded again and again, divided by the same without. `bun run bench
 * loading [--json] [--pairs N]`. Windows are interleaved, since the machine's speed drifts.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { demeterV1 } from '@demeter/proto';
import { ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { serveTiles } from '../journey/served-tiles.ts';
import { median, round } from '../statistics.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '8' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const data = join(
  process.env.DEMETER_TEST_DATA ?? join(import.meta.dir, '../../../shared/data'),
  'photos-and-models',
);
const SERVED = 'yolov8n_int8_640';
const LOADED = 'yolov8n-seg_int8_320';
const PHOTOS = 20;

const threads = Number(values.threads);
const server = await serveTiles({ modelFolder: join(data, 'models'), model: SERVED, threads });
const models = new demeterV1.Models(server.address, ChannelCredentials.createInsecure());
const content = await Bun.file(join(data, 'reference/bus.jpg')).bytes();

const beside = { alone: [] as number[], loading: [] as number[] };
const loadMs: number[] = [];
await latencies();
for (let pair = 0; pair < Number(values.pairs); pair++) {
  beside.alone.push(...(await latencies()));
  const stop = new AbortController();
  const reloading = reload(stop.signal);
  beside.loading.push(...(await latencies()));
  stop.abort();
  await reloading;
  if (!values.json) console.error(`${pair + 1}: ${round(ratioAt(0.5))} ${round(ratioAt(0.95))}`);
}
models.close();
await server.stop();

const result = {
  ratio_p50: round(ratioAt(0.5)),
  ratio_p95: round(ratioAt(0.95)),
  p95_alone_ms: round(quantile(beside.alone, 0.95)),
  p95_loading_ms: round(quantile(beside.loading, 0.95)),
  loads: loadMs.length,
  load_ms: round(median(loadMs)),
  photos: beside.alone.length,
  threads,
};
if (values.json) console.log(JSON.stringify(result));
else console.table(result);

/** One photo after the other. */
async function latencies(): Promise<number[]> {
  const each: number[] = [];
  for (let photo = 0; photo < PHOTOS; photo++) {
    const started = performance.now();
    await server.count({ content, times: 1, tiling: 'off' });
    each.push(performance.now() - started);
  }
  return each;
}

async function reload(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await ask((done) => models.unloadModel({ name: LOADED }, done));
    const started = performance.now();
    await ask((done) => models.loadModel({ name: LOADED }, done));
    loadMs.push(performance.now() - started);
  }
}

function ask(call: (done: (error: ServiceError | null) => void) => unknown): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  call((error) => (error ? reject(error) : resolve()));
  return promise;
}

function ratioAt(share: number): number {
  return quantile(beside.loading, share) / quantile(beside.alone, share);
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
