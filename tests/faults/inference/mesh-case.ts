import { type CaseOptions, type Detail, type FaultCase, must } from '../fault-case.ts';
import type { MeshSystem } from '../mesh-system.ts';

/** A case that is run on a core and its inference servers. */
export interface MeshCase extends FaultCase {
  readonly run: (system: MeshSystem, options: CaseOptions) => Promise<Detail>;
}

/** Photos of a server that is gone are with another one, or in the queue, within this. */
const REQUEUED_S_MAX = 10;

/** What was measured at each fault. */
export class Recoveries {
  readonly #requeued: number[] = [];
  readonly #back: number[] = [];

  /** Makes the fault, and waits until what was under way has left the server. */
  async requeued(system: MeshSystem, fault: () => unknown): Promise<void> {
    const held = async () => (await system.leases()).size > 0;
    await system.until('photos are under way', held);
    const leases = await system.leases();
    await fault();
    const seconds = await system.secondsUntilFree(leases);
    this.#requeued.push(seconds);
    must(seconds <= REQUEUED_S_MAX, `photos were requeued after ${seconds.toFixed(1)} s only`);
  }

  /** Waits until the server at `port` is another process, and `count` servers are ready. */
  async back(system: MeshSystem, server: RunningServer, count: number): Promise<void> {
    const started = performance.now();
    const replaced = async () => ![undefined, server.pid].includes(system.pids().get(server.port));
    await system.until(`server ${server.port} is another process`, replaced);
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

/** Runs `fault` once, and again until the time is over. */
export async function repeat(seconds: number, fault: () => Promise<void>): Promise<void> {
  const until = performance.now() + seconds * 1000;
  do await fault();
  while (performance.now() < until);
}
