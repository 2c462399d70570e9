import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CaseOn, must } from '../fault-case.ts';
import type { MeshSystem } from '../mesh-system.ts';

/** A case that is run on a core and its inference servers. */
export type MeshCase = CaseOn<MeshSystem>;

/** Photos of a server that is gone are with another one, or in the queue, within this. */
const REQUEUED_S_MAX = 10;
/** A busy machine in the quick suite says nothing of a core's speed. */
const REQUEUED_QUICK_S_MAX = 100;

const TICK_MS = 100;

/** What was measured at each fault. */
export class Recoveries {
  readonly #requeued: number[] = [];
  readonly #back: number[] = [];

  constructor(private readonly quick: boolean) {}

  /** Ends, stops or breaks a server that has photos, and waits until the core has them back. */
  async requeued(
    system: MeshSystem,
    server: RunningServer,
    fault: (server: RunningServer) => unknown,
  ): Promise<void> {
    await system.until('the server has photos', async () => {
      return ((await system.server(server.port))?.in_flight ?? 0) > 0;
    });
    await fault(server);
    const started = performance.now();
    const stillMs = watchStandstill();
    await system.until('the core has its photos back', async () => {
      const found = await system.server(server.port);
      return isGone(system, server) || found?.state !== 'connected' || found.in_flight === 0;
    });
    this.add((performance.now() - started - stillMs()) / 1000);
  }

  /** Seconds after which photos of a server were elsewhere. */
  add(seconds: number): void {
    this.#requeued.push(seconds);
    const bound = this.quick ? REQUEUED_QUICK_S_MAX : REQUEUED_S_MAX;
    must(seconds <= bound, `photos were requeued after ${seconds.toFixed(1)} s only`);
  }

  /** Waits until the server at `port` is another process, and `count` servers are ready. */
  async back(system: MeshSystem, server: RunningServer, count: number): Promise<void> {
    const started = performance.now();
    const what = `server ${server.port} is another process`;
    await system.until(what, async () => {
      return isGone(system, server) && system.pids().has(server.port);
    });
    await system.untilReady(count);
    this.#back.push((performance.now() - started) / 1000);
  }

  get detail() {
    const worst = (seconds: readonly number[]) => Number(Math.max(0, ...seconds).toFixed(2));
    return {
      faults: this.#requeued.length,
      requeued_s_max: worst(this.#requeued),
      server_back_s_max: worst(this.#back),
    };
  }
}

export interface RunningServer {
  readonly port: string;
  readonly pid: number;
}

/** One of the servers that run. */
export function anyServer(system: MeshSystem, random: () => number): RunningServer {
  const all = [...system.pids()];
  const [port, pid] = all[Math.floor(random() * all.length)]!;
  return { port, pid };
}

/** The server whose process has made the fault `name`, which waits as a file. */
export async function whoMade(system: MeshSystem, name: string): Promise<RunningServer> {
  const taken = () =>
    [...system.pids()].find(([, pid]) =>
      existsSync(join(system.faultsFolder, `${name}-taken-by-${pid}`)),
    );
  let found: readonly [string, number] | undefined;
  await system.until(`a run meets the fault ${name}`, async () => {
    found ??= taken();
    return found !== undefined;
  });
  const [port, pid] = found!;
  rmSync(join(system.faultsFolder, `${name}-taken-by-${pid}`));
  return { port, pid };
}

function isGone(system: MeshSystem, { port, pid }: RunningServer): boolean {
  return system.pids().get(port) !== pid;
}

/** Milliseconds for which the machine ran nothing here: a timer that is late by so much tells. */
function watchStandstill(): () => number {
  let last = performance.now();
  let stillMs = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    stillMs += Math.max(0, now - last - 2 * TICK_MS);
    last = now;
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    return stillMs;
  };
}

/** Runs `fault` once, and again until the time is over. */
export async function repeat(seconds: number, fault: () => Promise<void>): Promise<void> {
  const until = performance.now() + seconds * 1000;
  do await fault();
  while (performance.now() < until);
}
