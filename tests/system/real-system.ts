import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '@demeter/common/child-process';
import { sparePort } from '@demeter/common/spare-port';
import { SQL } from 'bun';
import { cleanEnvironment, type RealServers } from './environment.ts';
import { admin, ROOT } from './program.ts';

export type PartName = 'core' | 'edge' | 'server-1' | 'server-2';

const ENTRY: Record<PartName, string> = {
  core: 'core/src/main.ts',
  edge: 'edge/src/main.ts',
  'server-1': 'inference/src/main.ts',
  'server-2': 'inference/src/main.ts',
};

/**
 * The whole system on real servers: one core, one edge, two inference servers, each a process that
 * a test may kill and start again. Its database, buckets and folders are its own.
 */
export class RealSystem {
  readonly folder = mkdtempSync(join(tmpdir(), 'demeter-system-'));
  readonly cameraKey = randomBytes(16).toString('hex');
  readonly sql: SQL;
  adminToken = '';
  readonly #name = `demeter_system_${randomBytes(6).toString('hex')}`;
  readonly #children = new Map<PartName, Child>();
  readonly #env: Record<PartName, Record<string, string>>;
  readonly #server: SQL;
  readonly #ports = { core: sparePort(), grpc: sparePort(), edge: sparePort() };

  constructor(servers: RealServers) {
    const url = new URL(servers.databaseUrl);
    this.#server = new SQL(url.href, { max: 1 });
    url.pathname = `/${this.#name}`;
    this.sql = new SQL(url.href, { max: 2 });
    const grpcToken = randomBytes(24).toString('hex');
    const bucket = this.#name.replaceAll('_', '-');
    const core = cleanEnvironment({
      DATABASE_URL: url.href,
      REDIS_URL: servers.redisUrl,
      S3_ENDPOINT: servers.s3.endpoint,
      S3_BUCKET_ORIGINAL: `${bucket}-original`,
      S3_BUCKET_VISUALIZATION: `${bucket}-viz`,
      AWS_ACCESS_KEY_ID: servers.s3.accessKey,
      AWS_SECRET_ACCESS_KEY: servers.s3.secretKey,
      JWT_SECRET_KEY: randomBytes(32).toString('hex'),
      DEMETER_GRPC_TOKEN: grpcToken,
      DEMETER_CORE_PORT: String(this.#ports.core),
      DEMETER_CORE_GRPC_PORT: String(this.#ports.grpc),
    });
    const inference = cleanEnvironment({
      MODEL_DIR: join(ROOT, 'models'),
      DEMETER_GRPC_TOKEN: grpcToken,
      DEMETER_INFERENCE_PORT: '0',
      DEMETER_INFERENCE_METRICS_PORT: '0',
      DEMETER_INFERENCE_THREADS: '1',
      DEMETER_INFERENCE_CORE: `127.0.0.1:${this.#ports.grpc}`,
      DEMETER_GPU_LOCK_DIR: join(this.folder, 'locks'),
    });
    const edge = cleanEnvironment({
      DEMETER_EDGE_PORT: String(this.#ports.edge),
      DEMETER_EDGE_DATA: join(this.folder, 'edge'),
      DEMETER_EDGE_CAMERAS: join(this.folder, 'cameras.json'),
      DEMETER_EDGE_CORE_URL: this.coreUrl,
      DEMETER_EDGE_STORE_ENDPOINT: servers.s3.endpoint,
      DEMETER_EDGE_STORE_BUCKET: `${bucket}-edge`,
      DEMETER_EDGE_STORE_ACCESS_KEY: servers.s3.accessKey,
      DEMETER_EDGE_STORE_SECRET_KEY: servers.s3.secretKey,
    });
    this.#env = { core, edge, 'server-1': inference, 'server-2': inference };
  }

  get coreUrl(): string {
    return `http://127.0.0.1:${this.#ports.core}`;
  }

  get edgeUrl(): string {
    return `http://127.0.0.1:${this.#ports.edge}`;
  }

  /** Database, schema, nursery with `places`, then all four processes. */
  async start(places: readonly string[]): Promise<void> {
    await this.#server.unsafe(`create database ${this.#name}`);
    const { core } = this.#env;
    await admin(core, 'migrate', 'up');
    await admin(core, 'init');
    await admin(core, 'seed');
    for (const place of places) await admin(core, 'place', 'add', place);
    const { token } = await admin<{ token: string }>(core, 'edge', 'add', 'greenhouse');
    this.#env.edge.DEMETER_EDGE_TOKEN = token;
    const access = await admin<{ token: string }>(
      core,
      'token',
      '--role',
      'admin',
      '--minutes',
      '60',
    );
    this.adminToken = access.token;
    const hash = createHash('sha256').update(this.cameraKey).digest('hex');
    mkdirSync(join(this.folder, 'logs'), { recursive: true });
    writeFileSync(
      join(this.folder, 'cameras.json'),
      JSON.stringify({ cameras: [{ code: 'camera', key_sha256: hash }] }),
    );
    await this.launch('core');
    await Promise.all([this.launch('edge'), this.launch('server-1'), this.launch('server-2')]);
    await this.until('both servers are there', async () => {
      const { servers } = await this.get<{ servers: { ready: boolean }[] }>('/system/mesh');
      return servers.filter((server) => server.ready).length === 2;
    });
  }

  async launch(part: PartName): Promise<void> {
    const child = await startChild({
      name: part,
      entry: join(ROOT, ENTRY[part]),
      cwd: ROOT,
      env: this.#env[part],
      logFile: join(this.folder, 'logs', `${part}-${Date.now()}.log`),
    });
    this.#children.set(part, child);
  }

  /** kill -9. */
  async kill(part: PartName): Promise<void> {
    await this.#children.get(part)?.kill();
    this.#children.delete(part);
  }

  /** SIGTERM; answers the code and the seconds that draining took. */
  async terminate(part: PartName): Promise<{ code: number; seconds: number }> {
    const child = this.#children.get(part)!;
    this.#children.delete(part);
    const started = performance.now();
    await child.stop();
    return { code: await child.exited, seconds: (performance.now() - started) / 1000 };
  }

  /** GET below /api/v1 of the core. Throws on any other answer than 200. */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.coreUrl}/api/v1${path}`, {
      headers: { authorization: `Bearer ${this.adminToken}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Sends a photo as a camera does: again and again until the edge has answered for it. */
  async send(bytes: Uint8Array, place: string): Promise<string> {
    for (;;) {
      const response = await fetch(`${this.edgeUrl}/photos`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.cameraKey}`, 'x-location-code': place },
        body: new Uint8Array(bytes),
        signal: AbortSignal.timeout(10_000),
        // No answer at all: the edge is down, or died before it had answered.
      }).catch(() => undefined);
      if (response?.ok) return ((await response.json()) as { photo_id: string }).photo_id;
      if (response && response.status < 500) throw new Error(`refused: ${await response.text()}`);
      await Bun.sleep(100);
    }
  }

  /** Repeats `look` until it answers true; errors are "not yet". */
  async until(what: string, look: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
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

  /** Ends everything; keeps the logs where a test failed. */
  async stop(keepLogs = false): Promise<void> {
    for (const part of ['edge', 'core', 'server-1', 'server-2'] as const) {
      await this.#children.get(part)?.kill();
    }
    await this.sql.close();
    await this.#server.unsafe(`drop database if exists ${this.#name} with (force)`);
    await this.#server.close();
    if (!keepLogs) rmSync(this.folder, { recursive: true, force: true });
  }
}
