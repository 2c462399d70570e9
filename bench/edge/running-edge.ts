import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '@demeter/common/child-process';

const ROOT = join(import.meta.dir, '../..');

export interface RunningEdge {
  readonly url: string;
  readonly pid: number;
  /** From its launch to the line in which it says that it is ready, seconds. */
  readonly startS: number;
  stop(): Promise<void>;
}

/** A real edge as people start it, on a data folder that is there or not. */
export async function startEdge(
  dataFolder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningEdge> {
  const began = performance.now();
  const child = await startChild({
    name: 'the edge',
    entry: join(ROOT, 'edge/src/main.ts'),
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DEMETER_EDGE_DATA: dataFolder,
      DEMETER_EDGE_PORT: '0',
      LOG_LEVEL: 'warn',
      ...env,
    },
    logFile: `${dataFolder}.log`,
  });
  return {
    url: `http://${(child.ready as { http: string }).http}`,
    pid: child.pid,
    startS: (performance.now() - began) / 1000,
    stop: () => child.stop(),
  };
}

/** Photos of a state, as the edge lists them; at most 1,000. */
async function countIn(edge: RunningEdge, state: string): Promise<number> {
  const answer = await fetch(`${edge.url}/photos?limit=1000&state=${state}`);
  const { photos } = (await answer.json()) as { photos: unknown[] };
  return photos.length;
}

/** Waits until no photo is in one of these states: nothing goes on beside the next measurement. */
export async function settled(edge: RunningEdge, ...states: string[]): Promise<void> {
  for (const state of states) while ((await countIn(edge, state)) > 0) await Bun.sleep(5);
}

/** Milliseconds until the photo is acknowledged. */
export async function accept(edge: RunningEdge, photo: Uint8Array<ArrayBuffer>): Promise<number> {
  const began = performance.now();
  const answer = await fetch(`${edge.url}/photos`, { method: 'POST', body: photo });
  await answer.arrayBuffer();
  if (answer.status !== 201) throw new Error(`the edge says ${answer.status}`);
  return performance.now() - began;
}

export function residentMb(edge: RunningEdge): number {
  const status = readFileSync(`/proc/${edge.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
