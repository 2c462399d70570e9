/**
 * Whether a GPU does what the CPU does, how fast, and whether it gives its memory back.
 * `bun run bench gpu [--json] [--provider cuda|tensorrt|cpu] [--models DIR] [--photos DIR] [--bulk N]`;
 * docs/gpu.md says what each figure means. `--provider cpu` tries the check itself without a GPU.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Provider, RunningServer } from './running-server.ts';

const root = join(import.meta.dir, '../..');
const data = process.env.DEMETER_TEST_DATA ?? join(root, '../shared/data');
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    provider: { type: 'string', default: 'cuda' },
    models: { type: 'string', default: join(root, 'models') },
    photos: { type: 'string', default: join(data, 'photos-and-models/trays') },
    bulk: { type: 'string', default: '5000' },
  },
});
const CYCLES = 10;
const LATENCY_RUNS = 20;
/** Float rounding on another device moves scores at the threshold: so many objects, or this share. */
const TOLERANCE = { objects: 1, share: 0.02 };
const UTILIZATION_MIN = 90;
/** Memory after the last cycle or photo by that after the first. */
const GROWTH_MAX = 1.02;

const cpu = await RunningServer.start('cpu', values.models);
const gpu = await RunningServer.start(values.provider as Provider, values.models);
try {
  const report = await gpu.report();
  if (report.ready) await check();
  else {
    show({
      run: false,
      provider: values.provider,
      reason: report.provider_reason || report.reason,
    });
    process.exitCode = 1;
  }
} finally {
  await Promise.all([cpu.stop(), gpu.stop()]);
}

async function check(): Promise<void> {
  const { provider, gpu: device, models } = await gpu.report();
  const ready = models.filter((model) => model.state === 'STATE_READY');
  const main = ready.find((model) => model.role === 'plants') ?? ready[0];
  if (!main) throw new Error('no model is ready');
  const photos = await Promise.all(
    readdirSync(values.photos)
      .filter((name) => /\.jpe?g$/i.test(name))
      .map(async (name) => ({ name, content: await Bun.file(join(values.photos, name)).bytes() })),
  );
  if (photos.length === 0) throw new Error(`${values.photos} holds no .jpg`);

  const counts = [];
  for (const { name, content } of photos) {
    const [a, b] = [await countOn(cpu, content), await countOn(gpu, content)];
    const allowed = Math.max(TOLERANCE.objects, TOLERANCE.share * a);
    counts.push({ photo: name, cpu: a, [values.provider]: b, equal: Math.abs(a - b) <= allowed });
  }
  const latencies = [];
  for (const model of ready) {
    const content = photos[0]!.content;
    const pair = [await latency(cpu, model, content), await latency(gpu, model, content)];
    latencies.push({ model: `${model.name}/${model.version}`, ms_cpu: pair[0], ms: pair[1] });
  }
  const bulk = await runBulk(Number(values.bulk));
  const cycles = await cycleMemory();
  const isGpu = provider !== 'cpu';
  const passed = {
    counts: counts.every(({ equal }) => equal),
    utilization: !isGpu || bulk.utilization_percent >= UTILIZATION_MIN,
    // A GPU's memory is what was asked for; resident memory also follows the garbage collector.
    memory_after_cycles: !isGpu || cycles.at(-1)! <= cycles[0]! * GROWTH_MAX,
    memory_after_bulk: !isGpu || bulk.memory_bytes_last <= bulk.memory_bytes_first * GROWTH_MAX,
  };
  show({
    ...{ run: true, provider, gpu: device?.name ?? null, passed },
    ...{ counts, latencies, bulk, memory_bytes_after_cycles: cycles },
  });
  process.exitCode = Object.values(passed).every(Boolean) ? 0 : 1;

  async function countOn(server: RunningServer, content: Uint8Array): Promise<number> {
    const { detections } = await server.count({ content, model: main! });
    return detections?.confidences.length ?? 0;
  }

  /** As many at once as there are credits; memory and utilisation every second. */
  async function runBulk(total: number) {
    const samples: { memory: number; utilization: number }[] = [];
    const sample = async () => {
      const now = await gpu.report();
      samples.push({ memory: usedBytes(now), utilization: now.gpu?.utilization_percent ?? 0 });
    };
    const started = performance.now();
    const all = Promise.all(
      Array.from({ length: total }, (_, n) => countOn(gpu, photos[n % photos.length]!.content)),
    );
    const timer = setInterval(() => void sample(), 1_000);
    await all;
    clearInterval(timer);
    const seconds = (performance.now() - started) / 1000;
    await sample();
    // The first tenth fills arenas and caches.
    const steady = samples.slice(Math.floor(samples.length / 10));
    const utilization = steady.reduce((sum, one) => sum + one.utilization, 0) / steady.length;
    return {
      photos: total,
      photos_per_second: Number((total / seconds).toFixed(2)),
      utilization_percent: Number(utilization.toFixed(1)),
      memory_bytes_first: steady[0]!.memory,
      memory_bytes_last: steady.at(-1)!.memory,
    };
  }

  /** Memory in use after each time that the model was loaded, run and unloaded. */
  async function cycleMemory(): Promise<number[]> {
    const used: number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await gpu.load(main!);
      await countOn(gpu, photos[0]!.content);
      await gpu.unload(main!);
      used.push(usedBytes(await gpu.report()));
    }
    return used;
  }
}

/** Median of one run of the whole photo, in milliseconds of inference. */
async function latency(
  server: RunningServer,
  model: { readonly name: string; readonly version: string },
  content: Uint8Array,
): Promise<number> {
  const ms: number[] = [];
  for (let run = 0; run < LATENCY_RUNS; run++) {
    const { timings } = await server.count({ content, model, whole: true });
    ms.push(timings?.inference_ms ?? 0);
  }
  return Number(ms.toSorted((a, b) => a - b)[LATENCY_RUNS / 2]!.toFixed(2));
}

function usedBytes(report: Awaited<ReturnType<RunningServer['report']>>): number {
  return Number(report.memory?.used_bytes ?? 0);
}

function show(report: object): void {
  console.log(values.json ? JSON.stringify(report) : report);
}
