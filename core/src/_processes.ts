/** For tests: the core and inference servers as processes, with an environment of their own. */
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dir, '../..');
const READY_MS = 180_000;

/** Folder of others' photos and models; null where it is not there. */
export const TEST_DATA = findTestData();
/** What an independent decoder counts in its photos is in known_results.json. */
export const MODEL_NAME = 'yolov8n_int8_640';

function findTestData(): string | null {
  const folder = path.resolve(process.env.DEMETER_TEST_DATA ?? path.join(ROOT, '../shared/data'));
  return existsSync(path.join(folder, 'photos-and-models')) ? folder : null;
}

export interface Process<Ready> {
  readonly ready: Ready;
  readonly log: () => string;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
}

export type Environment = Readonly<Record<string, string>>;

/** Starts a part's entry; resolves with the line of JSON it prints when it is ready. */
export async function startProcess<Ready>(
  entry: string,
  env: Environment,
  args: readonly string[] = [],
): Promise<Process<Ready>> {
  const child = Bun.spawn([process.execPath, path.join(ROOT, entry), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let log = '';
  void collect(child.stderr, (text) => {
    log += text;
    if (process.env.DEMETER_TEST_SHOW_LOGS) process.stderr.write(text);
  });
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  let out = '';
  void collect(child.stdout, (text) => {
    out += text;
    const line = out.slice(0, Math.max(0, out.indexOf('\n')));
    if (line !== '') resolve(JSON.parse(line));
  });
  void child.exited.then((code) => reject(new Error(`${entry} ended with ${code}\n${log}`)));
  const timer = setTimeout(() => reject(new Error(`${entry} is not ready\n${log}`)), READY_MS);
  try {
    const ready = await promise;
    return {
      ready,
      log: () => log,
      signal: (name) => child.kill(name),
      kill: async () => {
        child.kill('SIGKILL');
        await child.exited;
      },
      stop: async () => {
        child.kill('SIGTERM');
        return await child.exited;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void) {
  const decoder = new TextDecoder();
  for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
}

/** Runs a command of the core's admin entry to its end; answers what it printed. */
export async function runAdmin(args: readonly string[], env: Environment): Promise<string> {
  const child = Bun.spawn([process.execPath, path.join(ROOT, 'core/src/admin.ts'), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`admin ${args.join(' ')}: ${err}`);
  return out.trim();
}

export type CoreProcess = Process<{ http: string; grpc: string }>;
export type InferenceProcess = Process<{ grpc: string; ready: boolean; reason: string }>;

export async function startCoreProcess(env: Environment): Promise<CoreProcess> {
  return await startProcess('core/src/main.ts', {
    DEMETER_CORE_PORT: '0',
    DEMETER_CORE_GRPC_PORT: '0',
    DEMETER_PLANTS_MODEL: MODEL_NAME,
    LOG_FORMAT: 'json',
    ...env,
  });
}

/** One inference server on the CPU with yolov8n; announces itself to `core`, host:port. */
export async function startInferenceProcess(
  core: string,
  env: Environment = {},
): Promise<InferenceProcess> {
  // A folder with that one model: the others beside it would be loaded too.
  const models = await mkdtemp(path.join(tmpdir(), 'demeter-model-'));
  const file = `${MODEL_NAME}.onnx`;
  await copyFile(
    path.join(TEST_DATA ?? '', 'photos-and-models/models', file),
    path.join(models, file),
  );
  return await startProcess('inference/src/main.ts', {
    DEMETER_INFERENCE_PORT: '0',
    DEMETER_INFERENCE_METRICS_PORT: '0',
    DEMETER_INFERENCE_CORE: core,
    DEMETER_INFERENCE_THREADS: '1',
    USE_GPU: 'false',
    MODEL_DIR: models,
    ORT_DISABLE_TELEMETRY: '1',
    LOG_FORMAT: 'json',
    ...env,
  });
}

/** Waits until `probe` answers something, or says what it was waiting for. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = 180_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    await Bun.sleep(100);
  }
  throw new Error(`not in ${timeoutMs} ms: ${what}`);
}
