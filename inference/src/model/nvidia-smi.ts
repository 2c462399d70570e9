import type { GpuReading, Nvml } from './nvml.ts';

const FIELDS = [
  ...['uuid', 'name', 'memory.total', 'memory.used', 'memory.free'],
  ...['temperature.gpu', 'utilization.gpu', 'power.draw'],
];
const MIB = 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** A reading older than this is replaced while the old one still answers. */
const STALE_MS = 2_000;

/**
 * The driver by its command-line program, where its library does not load: in containers that are
 * given only that. Null where the program is not there either, or shows no GPU.
 */
export function openNvidiaSmi(program = 'nvidia-smi'): Nvml | null {
  const path = Bun.which(program);
  if (path === null) return null;
  const command = [path, `--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];
  const first = Bun.spawnSync(command, { timeout: TIMEOUT_MS, stderr: 'ignore' });
  let gpus = parseNvidiaSmi(first.stdout.toString());
  if (first.exitCode !== 0 || gpus.length === 0) return null;

  let readAt = performance.now();
  let reading: Promise<void> | undefined;
  const query = async () => {
    const child = Bun.spawn(command, { timeout: TIMEOUT_MS, stderr: 'ignore' });
    const text = await new Response(child.stdout).text();
    // A program that fails once leaves what it said before.
    if ((await child.exited) === 0) gpus = parseNvidiaSmi(text);
    readAt = performance.now();
  };
  const refresh = () => {
    reading ??= query().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const current = () => {
    if (performance.now() - readAt > STALE_MS) void refresh();
    return gpus;
  };
  return {
    list: () => [...current()],
    read: (visible) => {
      const name = visible?.split(',')[0]?.trim() || '0';
      return current().find((gpu, index) => gpu.uuid === name || String(index) === name);
    },
    refresh,
  };
}

/** One line a GPU: FIELDS, with memory in MiB. Numbers that a GPU does not have are "[N/A]". */
export function parseNvidiaSmi(text: string): GpuReading[] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((value) => value.trim()))
    .filter((values) => values.length === FIELDS.length)
    .map(([uuid = '', name = '', ...numbers]) => {
      const [total = 0, used = 0, free = 0, celsius = 0, percent = 0, watts = 0] = numbers.map(
        (value) => Number.parseFloat(value) || 0,
      );
      return {
        uuid,
        name,
        totalBytes: total * MIB,
        usedBytes: used * MIB,
        freeBytes: free * MIB,
        temperatureCelsius: celsius,
        utilizationPercent: percent,
        powerWatts: watts,
        pids: [],
      };
    });
}
