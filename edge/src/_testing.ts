import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '@demeter/common/clock';
import type { Environment } from '@demeter/common/config';
import pino from 'pino';
import sharp from 'sharp';
import { withJudge } from './_lent-judge.ts';
import { readConfig } from './config.ts';
import { type Edge, type EdgeOverrides, startEdge } from './service.ts';

/** For tests: edges in this process and as processes of their own, photos, and waiting. */

export const silent = pino({ level: 'silent' });

/** A pause between two looks of a loop is at most so long. */
const PAUSE_MS = 5_000;

/** The real time, in which loops of an edge do not pause for seconds between two looks. */
export const briskClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms <= PAUSE_MS ? Math.min(ms, 20) : ms, signal),
};

/** Edges spawned and not ended yet. */
const running = new Set<Bun.Subprocess>();

/** A folder for one test; edges spawned meanwhile end with it. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'demeter-edge-'));
  try {
    return await use(folder);
  } finally {
    // A test that failed half-way leaves nothing running.
    for (const child of running) child.kill('SIGKILL');
    await Promise.all([...running].map((child) => child.exited));
    await rm(folder, { recursive: true, force: true });
  }
}

export interface TestPhoto {
  readonly bytes: Buffer;
  readonly sha256: string;
}

const drawn = new Map<string, Promise<TestPhoto>>();

/** A sharp, well-lit photo of coloured leaves; another seed is another photo. */
export async function testPhoto(seed: number, width = 1200, height = 900): Promise<TestPhoto> {
  const key = `${seed}: ${width} × ${height}`;
  const photo = drawn.get(key) ?? drawPhoto(seed, width, height);
  drawn.set(key, photo);
  const { bytes, sha256 } = await photo;
  // Each test its own: some change them.
  return { bytes: Buffer.from(bytes), sha256 };
}

async function drawPhoto(seed: number, width: number, height: number): Promise<TestPhoto> {
  let state = seed * 2654435761 + 1;
  const random = () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
  const leaves = Array.from({ length: 160 }, () => {
    const [x, y, r] = [random() * width, random() * height, 10 + random() * 50];
    const hue = 60 + random() * 90;
    return `<ellipse cx="${x}" cy="${y}" rx="${r}" ry="${r / 3}" fill="hsl(${hue} 60% 40%)"
      transform="rotate(${random() * 360} ${x} ${y})" stroke="#123" stroke-width="2"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#a88c6a"/>${leaves.join('')}</svg>`;
  return toPhoto(await sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer());
}

export function toPhoto(bytes: Buffer): TestPhoto {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Runs an edge in this process for the time of `use`; `env` adds to the defaults. */
export async function withEdge<T>(
  env: Environment,
  use: (edge: Edge & { readonly url: string }) => Promise<T>,
  overrides: EdgeOverrides = {},
): Promise<T> {
  const config = readConfig({ DEMETER_EDGE_PORT: '0', ...env });
  return await withJudge(async (judgeProcess) => {
    const edge = await startEdge(config, silent, { judgeProcess, ...overrides });
    try {
      return await use({ ...edge, url: `http://${edge.address}` });
    } finally {
      await edge.stop();
    }
  });
}

export interface EdgeProcess {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<number>;
  /** What it wrote to stdout. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<number>;
}

/** Starts an edge as users do, with an environment of its own, and waits until it is ready. */
export async function spawnEdge(
  env: Record<string, string>,
  program = 'main.ts',
  args: readonly string[] = [],
): Promise<EdgeProcess> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, program), ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      TMPDIR: tmpdir(),
      LOG_FORMAT: 'json',
      DEMETER_EDGE_PORT: '0',
      ...env,
    },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  running.add(child);
  void child.exited.then(() => running.delete(child));
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  const ready = await Promise.race([
    until(
      () => out.text().includes('\n'),
      30_000,
      () => err.text(),
    ),
    child.exited.then(() => 'exited'),
  ]);
  const { http = '' } = ready === 'exited' ? {} : JSON.parse(out.text());
  return {
    url: `http://${http}`,
    pid: child.pid,
    exited: child.exited,
    stdout: out.text,
    stderr: err.text,
    kill: async (signal) => {
      child.kill(signal);
      return await child.exited;
    },
  };
}

function collect(stream: ReadableStream<Uint8Array>): { text: () => string } {
  let text = '';
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  })();
  return { text: () => text };
}

/** Waits until `done` answers something true; fails after `timeoutMs` with what `explain` says. */
export async function until<T>(
  done: () => T | Promise<T>,
  timeoutMs = 50_000,
  explain: () => string = () => '',
): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await done();
    if (value) return value;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms. ${explain()}`);
    await Bun.sleep(20);
  }
}

export async function postPhoto(
  url: string,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
) {
  const answer = await fetch(`${url}/photos`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    body: new Uint8Array(bytes),
  });
  const body = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, headers: answer.headers, body };
}

export async function getPhoto(url: string, sha256: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/photos/${sha256}`);
  return (await answer.json()) as Record<string, unknown>;
}
