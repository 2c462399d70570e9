import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Centre } from '../system/centre.ts';
import type { RealServers } from '../system/environment.ts';

/** Which servers work for the core. */
export interface Mesh {
  readonly count: number;
  /** Servers that make a fault when a file in `faultsFolder` says so. */
  readonly faulty?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

export interface MeshServer {
  readonly server_id: string;
  readonly address: string;
  readonly state: string;
  readonly ready: boolean;
  readonly reason: string;
  readonly breaker: string;
  readonly in_flight: number;
}

const ENTRY = {
  real: 'inference/src/supervisor-main.ts',
  faulty: 'inference/src/_faulty-supervisor-main.ts',
};
/** A core and its supervised inference servers, on real data servers. */
export class MeshSystem extends Centre<'inference'> {
  readonly faultsFolder = join(this.folder, 'faults');
  #deployed: Mesh | undefined;
  readonly #locks = join(this.folder, 'locks');

  constructor(servers: RealServers) {
    super(servers);
    mkdirSync(this.faultsFolder);
  }

  /** Starts these servers in place of others that run. */
  async deploy(mesh: Mesh): Promise<void> {
    const running = this.pid('inference') !== undefined;
    if (running && Bun.deepEquals(mesh, this.#deployed)) return await this.untilReady(mesh.count);
    const { count, faulty = false, settings = {} } = mesh;
    this.#deployed = mesh;
    if (running) await this.terminate('inference');
    const env = {
      ...this.inferenceEnvironment({
        DEMETER_INFERENCE_COUNT: String(count),
        DEMETER_INFERENCE_THREADS: String(count),
        DEMETER_INFERENCE_UPLOADS: join(this.folder, 'uploads'),
        ...settings,
      }),
      FAULTS_DIR: this.faultsFolder,
    };
    this.programs.set('inference', { entry: faulty ? ENTRY.faulty : ENTRY.real, env });
    await this.launch('inference');
    await this.untilReady(count);
  }

  /** Starts the core again with this deadline for a photo at a server; without one, the usual. */
  async restartCore(deadlineSeconds = 60): Promise<void> {
    const { env } = this.programs.get('core')!;
    env.DEMETER_PHOTO_DEADLINE_SECONDS = String(deadlineSeconds);
    await this.terminate('core');
    await this.launch('core');
  }

  async servers(): Promise<readonly MeshServer[]> {
    return (await this.get<{ servers: readonly MeshServer[] }>('/system/mesh')).servers;
  }

  /** The one at this port, as the core sees it. */
  async server(port: string): Promise<MeshServer | undefined> {
    return (await this.servers()).find(({ address }) => address.endsWith(`:${port}`));
  }

  /** Process ids of the servers that run, by port: each says so in the lock that it holds. */
  pids(): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    for (const name of readdirSync(this.#locks)) {
      const port = /^cpu-(\d+)\.lock$/.exec(name)?.[1];
      if (port === undefined) continue;
      const pid = /^process (\d+)/.exec(readFileSync(join(this.#locks, name), 'utf8'))?.[1];
      if (pid && existsSync(`/proc/${pid}`)) found.set(port, Number(pid));
    }
    return found;
  }

  /** Lives of all servers beyond their first. */
  async restarts(): Promise<number> {
    const { servers } = this.ready('inference') as { servers: readonly { metrics: string }[] };
    const texts = await Promise.all(
      servers.map(async ({ metrics }) => await (await fetch(`http://${metrics}/metrics`)).text()),
    );
    const found = texts.map((text) => /^demeter_inference_restarts (\d+)$/m.exec(text)?.[1] ?? 0);
    return found.reduce<number>((sum, restarts) => sum + Number(restarts), 0);
  }

  /** Sends a photo. Answers its SHA-256. */
  async upload(bytes: Uint8Array): Promise<string> {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg' },
      body: new Uint8Array(bytes),
    };
    const answer = await this.ask<{ photo_id: string }>('/photos/upload', init);
    return answer.photo_id;
  }

  /** Leases that the core holds now. */
  async leases(): Promise<ReadonlySet<string>> {
    const rows = await this.sql`select lease_id from run_queue where lease_id is not null`;
    return new Set([...rows].map((row: { lease_id: string }) => row.lease_id));
  }

  /** Seconds until none of `leases` is held any more: answered, or given back to the queue. */
  async secondsUntilFree(leases: ReadonlySet<string>): Promise<number> {
    const started = performance.now();
    const free = async () => {
      const held = await this.leases();
      return ![...leases].some((lease) => held.has(lease));
    };
    await this.until('what was under way has been answered or given back', free, 60_000);
    return (performance.now() - started) / 1000;
  }
}
