import { availableParallelism } from 'node:os';
import { type Clock, systemClock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { backoffMs } from '@demeter/common/retry';
import type { InferenceConfig } from './config.ts';
import type { GpuReading, Nvml } from './model/nvml.ts';

/** Load and warm-up of all models; a server that says nothing for so long is started again. */
const START_MS = 180_000;
const PROBE_EVERY_MS = 1_000;
const PROBE_TIMEOUT_MS = 2_000;
/** A process that answers no probe for so long has stopped working. */
const SILENT_MS = 10_000;
const PAUSE_MIN_MS = 250;
const BACKOFF = { baseMs: 500, maxMs: 30_000 };
/** A server that lived so long starts its back-off anew. */
const STEADY_MS = 60_000;
/** The servers drain within 30 s. */
const STOP_MS = 28_000;

/** What a server prints on stdout when its start is over. */
interface StartLine {
  readonly ready: boolean;
  readonly reason?: string;
  readonly grpc?: string;
  readonly metrics?: string;
}

export interface ServerStatus {
  readonly address: string | null;
  readonly metrics: string | null;
  readonly pid: number | null;
  readonly ready: boolean;
  readonly reason: string;
}

/** One place for a server: a GPU, or a share of the CPU. */
export interface Slot {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One slot for each GPU that may be used; without any, DEMETER_INFERENCE_COUNT on the CPU. */
export function planSlots(config: InferenceConfig, nvml: Nvml | null): readonly Slot[] {
  const gpus = config.gpu === 'false' ? [] : visible(nvml?.list() ?? [], config.visibleDevices);
  const port = (first: number, index: number) => String(first === 0 ? 0 : first + index);
  const ports = (index: number) => ({
    DEMETER_INFERENCE_PORT: port(config.grpcPort, index),
    DEMETER_INFERENCE_METRICS_PORT: port(config.metricsPort, index),
  });
  if (gpus.length > 0) {
    return gpus.map((gpu, index) => ({
      name: gpu.uuid,
      env: { ...ports(index), CUDA_VISIBLE_DEVICES: gpu.uuid },
    }));
  }
  const count = config.values.DEMETER_INFERENCE_COUNT;
  const cores = config.values.DEMETER_INFERENCE_THREADS || availableParallelism();
  const threads = String(Math.max(1, Math.floor(cores / count)));
  return Array.from({ length: count }, (_, index) => ({
    name: `cpu-${index}`,
    env: { ...ports(index), DEMETER_INFERENCE_THREADS: threads },
  }));
}

function visible(gpus: readonly GpuReading[], names: string | undefined): readonly GpuReading[] {
  if (!names) return gpus;
  const wanted = names.split(',').map((name) => name.trim());
  return gpus.filter((gpu, index) => wanted.includes(gpu.uuid) || wanted.includes(String(index)));
}

export interface SupervisedOptions {
  readonly slot: Slot;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly log: Logger;
  readonly clock?: Clock;
}

/**
 * One server process, kept alive.
 *
 * starting → settled (ready or not, as it said) → ended → pausing → starting …; stopping ends it.
 * While it is settled it is probed: one that says it hangs, or says nothing, is killed, since an
 * inference that does not return cannot be ended otherwise.
 */
export class Supervised {
  readonly #clock: Clock;
  readonly #settled = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  /** Ports that port 0 was given once are kept, so that the core finds the server again. */
  #ports: Readonly<Record<string, string>> = {};
  #child: Bun.Subprocess<'pipe', 'pipe', 'inherit'> | undefined;
  #line: StartLine = { ready: false, reason: 'It has not started yet.' };

  constructor(private readonly options: SupervisedOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#done = this.#keepAlive();
  }

  /** Resolves when it has said for the first time whether it is ready. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  get status(): ServerStatus {
    return {
      address: this.#line.grpc ?? null,
      metrics: this.#line.metrics ?? null,
      pid: this.#child?.pid ?? null,
      ready: this.#line.ready,
      reason: this.#line.reason ?? '',
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS);
    await this.#done;
    clearTimeout(late);
  }

  async #keepAlive(): Promise<void> {
    const { slot, log } = this.options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      const startedAt = this.#clock.monotonic();
      const exitCode = await this.#live().catch((error: unknown) => {
        log.error({ err: error, slot: slot.name }, 'server could not be started');
        return -1;
      });
      this.#settled.resolve();
      if (signal.aborted) break;
      failures = this.#clock.monotonic() - startedAt > STEADY_MS ? 1 : failures + 1;
      const pauseMs = PAUSE_MIN_MS + backoffMs(failures - 1, BACKOFF);
      log.error({ slot: slot.name, exit_code: exitCode, pause_ms: pauseMs }, 'server ended');
      await this.#clock.sleep(pauseMs, signal).catch(() => {});
    }
  }

  /** One life of the process: its exit code. */
  async #live(): Promise<number> {
    const { slot, command, log } = this.options;
    const child = Bun.spawn([...command], {
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', ...slot.env, ...this.#ports },
      // Its end is how the server notices that the supervisor is gone.
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
    });
    this.#child = child;
    log.info({ slot: slot.name, pid: child.pid }, 'server started');
    const tooLong = setTimeout(() => child.kill('SIGKILL'), START_MS);
    this.#line = await readStartLine(child.stdout);
    clearTimeout(tooLong);
    this.#ports = { ...this.#ports, ...portsOf(this.#line) };
    this.#settled.resolve();
    const over = new AbortController();
    const probing = this.#probe(child, over.signal);
    const exitCode = await child.exited;
    over.abort();
    await probing;
    this.#child = undefined;
    this.#line = { ...this.#line, ready: false, reason: `It ended with ${exitCode}.` };
    return exitCode;
  }

  /** Kills the process when it hangs. */
  async #probe(child: Bun.Subprocess, signal: AbortSignal): Promise<void> {
    const { metrics } = this.#line;
    if (metrics === undefined) return;
    let answeredAt = this.#clock.monotonic();
    while (!signal.aborted) {
      const health = await probe(`http://${metrics}/health/live`);
      if (signal.aborted) return;
      if (health !== 'silent') answeredAt = this.#clock.monotonic();
      const silentMs = this.#clock.monotonic() - answeredAt;
      if (health === 'hanging' || silentMs > SILENT_MS) {
        this.options.log.error({ pid: child.pid, health, silent_ms: silentMs }, 'server killed');
        child.kill('SIGKILL');
        return;
      }
      await this.#clock.sleep(PROBE_EVERY_MS, signal).catch(() => {});
    }
  }
}

async function probe(url: string): Promise<'alive' | 'hanging' | 'silent'> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return response.ok ? 'alive' : 'hanging';
  } catch {
    return 'silent';
  }
}

/** The start line, or why there is none; all else is read and dropped, so that no pipe fills. */
async function readStartLine(stdout: ReadableStream<Uint8Array>): Promise<StartLine> {
  const reader = stdout.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { ready: false, reason: 'It ended before it was ready.' };
    text += decoder.decode(value, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    const line = lines.map(parseStartLine).find((found) => found !== null);
    if (line) {
      void drain(reader);
      return line;
    }
  }
}

/** Null for what a library printed. */
function parseStartLine(line: string): StartLine | null {
  try {
    const value = JSON.parse(line) as StartLine | null;
    return typeof value?.ready === 'boolean' ? value : null;
  } catch {
    return null;
  }
}

async function drain(reader: { read(): Promise<{ done: boolean }> }): Promise<void> {
  while (!(await reader.read()).done);
}

function portsOf({ grpc, metrics }: StartLine): Record<string, string> {
  if (grpc === undefined || metrics === undefined) return {};
  return {
    DEMETER_INFERENCE_PORT: grpc.slice(grpc.lastIndexOf(':') + 1),
    DEMETER_INFERENCE_METRICS_PORT: metrics.slice(metrics.lastIndexOf(':') + 1),
  };
}
