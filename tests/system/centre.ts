import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '@demeter/common/child-process';
import { sparePort } from '@demeter/common/spare-port';
import { SQL } from 'bun';
import { cleanEnvironment, type RealServers } from './environment.ts';
import { admin, ROOT } from './program.ts';

/** A program that may be killed and started again. */
export interface Program {
  readonly entry: string;
  readonly env: Record<string, string>;
}

/** A core on real servers, with a database, buckets and a folder of its own, and who works for it. */
export class Centre<Name extends string = never> {
  readonly folder = mkdtempSync(join(tmpdir(), 'demeter-system-'));
  readonly sql: SQL;
  adminToken = '';
  protected readonly name = `demeter_system_${randomBytes(6).toString('hex')}`;
  protected readonly programs = new Map<Name | 'core', Program>();
  /** Starts the names of this system's buckets. */
  protected readonly bucket = this.name.replaceAll('_', '-');
  readonly #children = new Map<Name | 'core', Child>();
  readonly #server: SQL;
  readonly #ports = { core: sparePort(), grpc: sparePort() };
  readonly #grpcToken = randomBytes(24).toString('hex');

  constructor(servers: RealServers) {
    const url = new URL(servers.databaseUrl);
    this.#server = new SQL(url.href, { max: 1 });
    url.pathname = `/${this.name}`;
    this.sql = new SQL(url.href, { max: 2 });
    const env = cleanEnvironment({
      DATABASE_URL: url.href,
      REDIS_URL: servers.redisUrl,
      S3_ENDPOINT: servers.s3.endpoint,
      S3_BUCKET_ORIGINAL: `${this.bucket}-original`,
      S3_BUCKET_VISUALIZATION: `${this.bucket}-viz`,
      AWS_ACCESS_KEY_ID: servers.s3.accessKey,
      AWS_SECRET_ACCESS_KEY: servers.s3.secretKey,
      JWT_SECRET_KEY: randomBytes(32).toString('hex'),
      DEMETER_GRPC_TOKEN: this.#grpcToken,
      DEMETER_CORE_PORT: String(this.#ports.core),
      DEMETER_CORE_GRPC_PORT: String(this.#ports.grpc),
    });
    this.programs.set('core', { entry: 'core/src/main.ts', env });
  }

  get coreUrl(): string {
    return `http://127.0.0.1:${this.#ports.core}`;
  }

  /** Settings of an inference server, or of its supervisor, that announces itself here. */
  protected inferenceEnvironment(own: Readonly<Record<string, string>> = {}) {
    return cleanEnvironment({
      MODEL_DIR: join(ROOT, 'models'),
      DEMETER_GRPC_TOKEN: this.#grpcToken,
      DEMETER_INFERENCE_PORT: '0',
      DEMETER_INFERENCE_METRICS_PORT: '0',
      DEMETER_INFERENCE_THREADS: '1',
      DEMETER_INFERENCE_CORE: `127.0.0.1:${this.#ports.grpc}`,
      DEMETER_GPU_LOCK_DIR: join(this.folder, 'locks'),
      ...own,
    });
  }

  /** Runs a command of the core. */
  protected async admin<T>(...words: string[]): Promise<T> {
    return await admin<T>(this.programs.get('core')!.env, ...words);
  }

  /** Database, schema and nursery, then the core. */
  async open(places: readonly string[] = []): Promise<void> {
    await this.#server.unsafe(`create database ${this.name}`);
    await this.admin('migrate', 'up');
    await this.admin('init');
    await this.admin('seed');
    if (places.length > 0) await this.admin('place', 'add', ...places);
    const words = ['token', '--role', 'admin', '--minutes', '720'];
    this.adminToken = (await this.admin<{ token: string }>(...words)).token;
    mkdirSync(join(this.folder, 'logs'), { recursive: true });
    await this.launch('core');
  }

  async launch(name: Name | 'core'): Promise<void> {
    const { entry, env } = this.programs.get(name)!;
    const child = await startChild({
      name,
      entry: join(ROOT, entry),
      cwd: ROOT,
      env,
      logFile: join(this.folder, 'logs', `${name}-${Date.now()}.log`),
    });
    this.#children.set(name, child);
  }

  /** The line that it printed when it was ready. */
  ready(name: Name | 'core'): Readonly<Record<string, unknown>> {
    return this.#children.get(name)!.ready;
  }

  /** Process id; undefined while it does not run. */
  pid(name: Name | 'core'): number | undefined {
    return this.#children.get(name)?.pid;
  }

  /** kill -9. */
  async kill(name: Name | 'core'): Promise<void> {
    await this.#children.get(name)?.kill();
    this.#children.delete(name);
  }

  /** SIGTERM; answers the code and the seconds that draining took. */
  async terminate(name: Name | 'core'): Promise<{ code: number; seconds: number }> {
    const child = this.#children.get(name)!;
    this.#children.delete(name);
    const started = performance.now();
    await child.stop();
    return { code: await child.exited, seconds: (performance.now() - started) / 1000 };
  }

  /** Asks the core, below /api/v1. Throws on any other answer than 2xx. */
  async ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await fetch(`${this.coreUrl}/api/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${this.adminToken}`, ...init.headers },
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async get<T>(path: string): Promise<T> {
    return await this.ask<T>(path);
  }

  /** Repeats `look` until it answers true; errors are "not yet". */
  async until(what: string, look: () => Promise<boolean>, withinMs = 180_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    let last: unknown;
    while (Date.now() < deadline) {
      try {
        if (await look()) return;
        last = 'not yet';
      } catch (error) {
        last = error;
      }
      await Bun.sleep(200);
    }
    throw new Error(`not within ${withinMs / 1000} s: ${what}; logs in ${this.folder}`, {
      cause: last,
    });
  }

  /** Waits until `count` servers are there and ready. */
  async untilReady(count: number, withinMs?: number): Promise<void> {
    await this.until(
      `${count} servers are ready`,
      async () => {
        const { servers } = await this.get<{ servers: { ready: boolean }[] }>('/system/mesh');
        return servers.filter((server) => server.ready).length === count;
      },
      withinMs,
    );
  }

  /** Ends everything; keeps the logs where a test failed. */
  async stop(keepLogs = false): Promise<void> {
    // Whoever works for the core first, as they were added after it.
    for (const name of [...this.#children.keys()].reverse()) await this.kill(name);
    await this.sql.close();
    await this.#server.unsafe(`drop database if exists ${this.name} with (force)`);
    await this.#server.close();
    if (!keepLogs) rmSync(this.folder, { recursive: true, force: true });
  }
}
