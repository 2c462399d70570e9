import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Child, startChild } from '@demeter/common/child-process';
import { ROOT } from '../../system/program.ts';
import { until } from '../until.ts';

/** How an edge is started, other than as people start it. */
export interface StartedWith {
  /** Ends itself with kill -9 when it reaches the step for the COUNTth time. */
  readonly killAt?: { readonly step: string; readonly count: number };
  /** A command in front of it. */
  readonly wrap?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface EdgeHealth {
  readonly status: string;
  readonly core: string;
  readonly object_store: string;
  readonly unsent: number;
  readonly alarms: readonly string[];
  readonly disk: { readonly fullness: string; readonly held_bytes: number };
}

export interface EdgePhoto {
  readonly photo_id: string;
  readonly state: string;
  readonly quarantined: string | null;
  readonly parked: string | null;
  readonly verdict: {
    readonly result: string;
    readonly reasons: readonly { readonly code: string }[];
  } | null;
  readonly sightings: readonly { readonly id: string }[];
}

/** An edge process on a data folder; it may be ended in any way and started again. */
export class EdgeBox {
  #child: Child | undefined;
  #starts = 0;

  constructor(
    readonly name: string,
    /** DEMETER_EDGE_DATA. */
    readonly data: string,
    readonly env: Record<string, string>,
    private readonly logs: string,
  ) {}

  /** Starts it. Answers the seconds until it took photos. Throws with its log if it does not. */
  async start({ killAt, wrap = [], env = {} }: StartedWith = {}): Promise<number> {
    const started = performance.now();
    const entry = killAt ? 'edge/src/_kill-main.ts' : 'edge/src/main.ts';
    this.#child = await startChild({
      name: this.name,
      entry: join(ROOT, entry),
      cwd: ROOT,
      args: killAt ? [killAt.step, String(killAt.count)] : [],
      wrap,
      env: { ...this.env, ...env },
      logFile: join(this.logs, `${this.name}-${String(++this.#starts).padStart(3, '0')}.log`),
    });
    return (performance.now() - started) / 1000;
  }

  get url(): string {
    return `http://${this.#running.ready.http}`;
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** What it has logged since its last start. */
  get log(): string {
    const path = join(this.logs, `${this.name}-${String(this.#starts).padStart(3, '0')}.log`);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  get #running(): Child {
    if (!this.#child) throw new Error(`${this.name} does not run`);
    return this.#child;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** Resolves when the process has ended by itself. */
  async ended(): Promise<number> {
    const code = await this.#running.exited;
    this.#child = undefined;
    return code;
  }

  /** kill -9; nothing if it does not run. */
  async kill(): Promise<void> {
    await this.#child?.kill();
    this.#child = undefined;
  }

  /** SIGTERM, as a shutdown does. */
  async stop(): Promise<void> {
    await this.#child?.stop();
    this.#child = undefined;
  }

  async health(): Promise<EdgeHealth> {
    return (await (await this.#get('/health')).json()) as EdgeHealth;
  }

  /** Undefined: it knows no such photo. */
  async photo(hash: string): Promise<EdgePhoto | undefined> {
    const answer = await this.#get(`/photos/${hash}`);
    return answer.ok ? ((await answer.json()) as EdgePhoto) : undefined;
  }

  async metrics(): Promise<string> {
    return await (await this.#get('/metrics')).text();
  }

  /** Sum of a metric over its labels. */
  async metric(name: string): Promise<number> {
    const found = (await this.metrics()).matchAll(
      new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'),
    );
    return [...found].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  pathOf(hash: string): string {
    return join(this.data, 'spool', hash.slice(0, 2), hash);
  }

  /** Paths of the photo's sidecars. */
  sidecarsOf(hash: string): string[] {
    const folder = dirname(this.pathOf(hash));
    const names = readdirSync(folder).filter((name) => name.startsWith(`${hash}.`));
    return names.map((name) => join(folder, name));
  }

  /** The bytes in its spool, as they lie on the disk. */
  spooled(hash: string): Uint8Array | undefined {
    const path = this.pathOf(hash);
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  /** Waits until the centre holds all that this box has. */
  async drained(withinMs?: number): Promise<void> {
    const sent = async () => (await this.health()).unsent === 0;
    await until(`${this.name} has sent everything`, sent, withinMs);
  }

  async #get(path: string): Promise<Response> {
    return await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(20_000) });
  }
}
