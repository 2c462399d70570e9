import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Child, startChild } from '@demeter/common/child-process';
import { SETTINGS } from '@demeter/common/settings';
import { CountedEvents } from './counted-events.ts';

const ROOT = join(import.meta.dir, '../..');

export interface CountedPhoto {
  readonly run: { readonly tiles: number | null } | null;
}

/** The whole system on the embedded default, as `demeter demo` starts it, without photos. */
export interface RunningDemo {
  readonly pid: number;
  /** Sends a photo to the edge; answers its id. */
  send(bytes: Uint8Array): Promise<string>;
  /** Waits until the core has the photo's result. */
  counted(photoId: string): Promise<CountedPhoto>;
  stop(): Promise<void>;
}

export async function startDemo(options: {
  readonly model: string;
  readonly tiling: string;
  readonly threads: number;
}): Promise<RunningDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-bench-'));
  const models = join(folder, 'models');
  const photos = join(folder, 'no-photos');
  for (const path of [models, photos]) mkdirSync(path);
  symlinkSync(options.model, join(models, basename(options.model)));
  const child = await startChild({
    name: 'the demo',
    entry: join(ROOT, 'cli/src/main.ts'),
    cwd: ROOT,
    args: [
      ...['demo', '--json', '--data', join(folder, 'data'), '--photos', photos],
      ...['--models', models, '--model', basename(options.model, '.onnx')],
      ...['--tiling', options.tiling],
    ],
    env: environment(options.threads),
    logFile: join(folder, 'demo.log'),
  });
  const { addresses, tokens } = child.ready as {
    addresses: { core: string; edge: string };
    tokens: { admin: string; camera: string };
  };
  const events = await CountedEvents.open(addresses.core, tokens.admin);
  return {
    pid: child.pid,
    send: async (bytes) => {
      const response = await fetch(`${addresses.edge}/photos`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.camera}` },
        body: bytes,
      });
      if (!response.ok) throw new Error(`the edge says ${response.status}`);
      return ((await response.json()) as { photo_id: string }).photo_id;
    },
    counted: async (photoId) => {
      await events.counted(photoId);
      const answer = await fetch(`${addresses.core}/api/v1/photos/${photoId}`, {
        headers: { authorization: `Bearer ${tokens.admin}` },
      });
      return (await answer.json()) as CountedPhoto;
    },
    stop: () => {
      events.close();
      return stop(child, folder);
    },
  };
}

/** This process's environment without the settings of another Demeter. */
function environment(threads: number): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const name of Object.keys(SETTINGS)) delete env[name];
  // Whoever runs the tests names servers so; no program of Demeter knows these.
  for (const name of Object.keys(env)) if (name.startsWith('DEMETER_TEST_')) delete env[name];
  const own = { DEMETER_INFERENCE_THREADS: String(threads), LOG_LEVEL: 'warn', USE_GPU: 'false' };
  return { ...env, ...own };
}

async function stop(child: Child, folder: string): Promise<void> {
  await child.stop();
  rmSync(folder, { recursive: true, force: true });
}
