import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CoreClient } from '../system/core-client.ts';
import { embeddedEnvironment } from '../system/environment.ts';
import { type System, startSystem } from '../system/start-system.ts';
import { DEFAULT_DATA, dataFolderOf } from './data-folder.ts';
import { Journey } from './journey.ts';
import type { Shown } from './outcome.ts';
import { photosIn, samplePhotos } from './photo-file.ts';
import { OwnPlaces, readKnownPlaces } from './photo-places.ts';
import { renderTable } from './table.ts';

export interface DemoOptions {
  /** Folder of the user's photos; unset: the samples. */
  readonly photos?: string;
  readonly models?: string;
  readonly model?: string;
  readonly tiling?: string;
  readonly once: boolean;
  readonly servers: number;
  readonly data?: string;
  readonly json: boolean;
}

/** Files on their way at the same time: enough that no server waits. */
const CONCURRENCY = 6;

/** Runs the demo until it is done or `signal` aborts. Answers the code to exit with. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  for (const folder of [options.photos, options.models]) {
    if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new Error(`there is no folder ${folder}`);
    }
  }
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  const say = (line: string) => console.error(`[${seconds().toFixed(1).padStart(6)} s] ${line}`);

  const data = dataFolderOf(options);
  const system = await startSystem({
    data,
    env: embeddedEnvironment({}),
    servers: options.servers,
    models: options.models === undefined ? [] : [resolve(options.models)],
    model: options.model,
    tiling: options.tiling,
    say,
    signal,
  });
  try {
    const startupSeconds = seconds();
    say(`everything runs: ${system.addresses.core}, gRPC at ${system.addresses.core_grpc}`);
    if (options.json) {
      const { addresses, tokens } = system;
      printJson({ ready: true, addresses, tokens, startup_seconds: startupSeconds });
    }
    const results = await Promise.race([countAll(options, system, say, signal), system.broken]);
    if (signal.aborted) return options.once ? 1 : 0;
    const stock = await readStock(system.core);
    if (options.json) {
      if (options.once) {
        const shown = results.map(({ verdict: _, ...outcome }) => outcome);
        printJson({ photos: shown.length, results: shown, stock, startup_seconds: startupSeconds });
      }
    } else {
      console.log(`\n${renderTable(results)}\n`);
      console.log(`In stock: ${stock.plants} plants in ${stock.batches} batches.`);
    }
    const unfinished = results.filter((result) => result.state === 'unfinished');
    if (options.once) return unfinished.length === 0 ? 0 : 1;
    const link = await system.core.post<{ url: string }>('/auth/sign-in-links', {});
    const show = options.json ? say : console.log;
    show(`The page, signed in once: ${link.url}`);
    show(`For programs: gRPC at ${system.addresses.core_grpc}; a token: ${tokenCommand(data)}`);
    say(`Ctrl-C stops; ${data} keeps everything`);
    await Promise.race([untilAborted(signal), system.broken]);
    return 0;
  } finally {
    say('stopping');
    await system.stop();
  }
}

/** Sends every file and waits for what becomes of it; answers in the order of the files. */
async function countAll(
  options: DemoOptions,
  system: System,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly Shown[]> {
  const source = options.photos
    ? photosIn(options.photos)
    : samplePhotos(system.paths.samples, await readKnownPlaces(system.core));
  const places = options.photos ? new OwnPlaces(system) : undefined;
  const journey = new Journey({ system, places, say, signal });
  const results: Promise<Shown>[] = [];
  const active = new Set<Promise<unknown>>();
  for await (const photo of source) {
    if (signal.aborted) break;
    while (active.size >= CONCURRENCY) await Promise.race(active);
    const result = journey.count(photo);
    const ended: Promise<unknown> = result.then(
      () => active.delete(ended),
      () => active.delete(ended),
    );
    active.add(ended);
    results.push(result);
  }
  return await Promise.all(results);
}

async function readStock(core: CoreClient): Promise<{ batches: number; plants: number }> {
  let batches = 0;
  let plants = 0;
  for await (const batch of core.list<{ quantity_current: number }>('/stock/batches')) {
    batches++;
    plants += batch.quantity_current;
  }
  return { batches, plants };
}

function tokenCommand(data: string): string {
  return `demeter token --role admin${data === DEFAULT_DATA ? '' : ` --data ${data}`}`;
}

function printJson(value: unknown): void {
  console.log(JSON.stringify(value));
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
}
