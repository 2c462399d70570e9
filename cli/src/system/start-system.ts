import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, type ChildOptions, startChild } from '@demeter/common/child-process';
import { acquireFileLock, type FileLock } from '@demeter/common/file-lock';
import { SETTINGS } from '@demeter/common/settings';
import { portNear } from '@demeter/common/spare-port';
import { startPostgres } from '../embedded/start-postgres.ts';
import { type DataPaths, dataPaths, ENTRY, ROOT } from '../paths.ts';
import { askPart, runPart } from '../processes/run.ts';
import { CAMERAS, writeCameras } from './cameras.ts';
import { CoreClient } from './core-client.ts';
import type { Variables } from './environment.ts';
import { expectModel, waitForServers } from './mesh.ts';
import { type AskAdmin, prepareDatabase } from './prepare-database.ts';
import { readSecrets } from './secrets.ts';

export interface SystemOptions {
  readonly data: string;
  /** What every part is started with; settings named here stand above the system's own. */
  readonly env: Variables;
  readonly servers: number;
  /** Folders of models besides the project's own. */
  readonly models: readonly string[];
  readonly model?: string;
  readonly tiling?: string;
  /** Starts parts again when their code changes, and shows their logs. */
  readonly reload?: boolean;
  readonly say: (line: string) => void;
  /** Ends the start, too. */
  readonly signal: AbortSignal;
}

/** Everything runs; addresses and tokens are those of the demo's `--json` line. */
export interface System {
  readonly addresses: {
    readonly core: string;
    readonly core_grpc: string;
    readonly edge: string;
    readonly inference: readonly string[];
  };
  readonly tokens: { readonly admin: string; readonly viewer: string; readonly camera: string };
  readonly core: CoreClient;
  /** One command of the core's admin entry; answers its JSON. */
  readonly admin: AskAdmin;
  readonly paths: DataPaths;
  /** Rejects when a part ends that nobody stopped. */
  readonly broken: Promise<never>;
  /** Edge, core, servers, database: each ends before what it needs. */
  stop(): Promise<void>;
}

type PortSetting = Extract<keyof typeof SETTINGS, `${string}_PORT`>;

/** Starts all parts on one data folder. What started is stopped again when a later one fails. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const parts = new Parts(options);
  try {
    return await Promise.race([parts.start(), rejectWhenAborted(options.signal)]);
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

class Parts {
  readonly #paths: DataPaths;
  readonly #children: Child[] = [];
  readonly #broken = Promise.withResolvers<never>();
  #lock: FileLock | undefined;
  #stopping = false;

  constructor(private readonly options: SystemOptions) {
    this.#paths = dataPaths(options.data);
    // Whoever does not wait for it must not be ended by it.
    this.#broken.promise.catch(() => {});
  }

  async start(): Promise<System> {
    const { options } = this;
    const paths = this.#paths;
    this.#lock = lockFolder(paths);
    const secrets = readSecrets(paths);
    writeCameras(paths, secrets);
    mkdirSync(paths.inbox, { recursive: true });

    const shared = {
      JWT_SECRET_KEY: secrets.jwtSecretKey,
      DEMETER_GRPC_TOKEN: secrets.grpcToken,
      DEMETER_STORE_DIR: paths.store,
      ...this.#port('DEMETER_CORE_PORT'),
      ...this.#port('DEMETER_CORE_GRPC_PORT'),
      DEMETER_PLANTS_MODEL: options.model,
      DEMETER_TILING: options.tiling,
    };
    // The slow starts side by side: the database's, the models', the page's.
    const [{ databaseUrl, admin, setup }, servers] = await Promise.all([
      this.#startDatabase(shared),
      this.#startInference(secrets.grpcToken),
      this.#buildPage(),
    ]);
    const core = await this.#startPart('core', ENTRY.core, {
      ...shared,
      DATABASE_URL: databaseUrl,
      DEMETER_INFERENCE_SERVERS: servers.join(','),
    });
    const coreUrl = String(core.ready.http);
    const box = {
      DEMETER_EDGE_DATA: paths.edge,
      DEMETER_EDGE_CORE_URL: coreUrl,
      DEMETER_EDGE_CAMERAS: paths.cameras,
      DEMETER_EDGE_WATCH: `${CAMERAS.dropping}=${paths.inbox}`,
    };
    await askPart({
      entry: ENTRY.edgeAdmin,
      args: ['enrol', setup.edgeCode, '--json'],
      env: { ...box, ...definedOf(this.options.env) },
    });
    const edge = await this.#startPart('edge', ENTRY.edge, {
      ...this.#port('DEMETER_EDGE_PORT'),
      ...box,
    });
    const client = new CoreClient(coreUrl, setup.adminToken);
    const mesh = await waitForServers(client, servers.length, this.#broken.promise);
    if (options.model !== undefined) expectModel(mesh, options.model);
    const addresses = {
      core: coreUrl,
      core_grpc: String(core.ready.grpc),
      edge: toUrl(String(edge.ready.http)),
      inference: servers,
    };
    writeFileSync(paths.running, JSON.stringify({ databaseUrl, ...addresses }), { mode: 0o600 });
    return {
      addresses,
      tokens: {
        admin: setup.adminToken,
        viewer: setup.viewerToken,
        camera: secrets.cameraKey,
      },
      core: client,
      admin,
      paths,
      broken: this.#broken.promise,
      stop: () => this.stop(),
    };
  }

  async #startDatabase(shared: Variables) {
    const { env, say } = this.options;
    let databaseUrl = env.DATABASE_URL;
    if (!databaseUrl) {
      const postgres = await startPostgres(this.#paths.postgres, {
        env,
        logFile: this.#paths.logFile('database'),
      });
      this.#watch(postgres.child);
      databaseUrl = postgres.url;
      say('database: ready');
    }
    const adminEnv = { ...shared, DATABASE_URL: databaseUrl, ...definedOf(env) };
    const admin: AskAdmin = (...args) =>
      askPart({ entry: ENTRY.coreAdmin, args: [...args, '--json'], env: adminEnv });
    const setup = await prepareDatabase(admin, { seed: !env.DATABASE_URL });
    say('database: prepared');
    return { databaseUrl, admin, setup };
  }

  /** Answers the servers' addresses. Throws with what the first of them lacks. */
  async #startInference(grpcToken: string): Promise<readonly string[]> {
    const { options } = this;
    const folders = [join(ROOT, 'models'), ...options.models];
    const { ready } = await this.#startPart('inference', ENTRY.inference, {
      DEMETER_GRPC_TOKEN: grpcToken,
      MODEL_DIR: folders.join(','),
      DEMETER_INFERENCE_UPLOADS: this.#paths.models,
      DEMETER_INFERENCE_COUNT: String(options.servers),
      ...this.#port('DEMETER_INFERENCE_PORT'),
      ...this.#port('DEMETER_INFERENCE_METRICS_PORT'),
    });
    const servers = ready.servers as readonly {
      readonly address: string | null;
      readonly ready: boolean;
      readonly reason: string;
    }[];
    const lacking = servers.find((server) => !server.ready);
    if (lacking) throw new Error(`an inference server is not ready: ${lacking.reason}`);
    return servers.map((server) => String(server.address));
  }

  async #buildPage(): Promise<void> {
    const { env, say } = this.options;
    const code = await runPart({ entry: ENTRY.pageBuild, args: [], env, quiet: true });
    if (code !== 0) throw new Error('the page could not be built: bun web/build.ts');
    say('page: built');
  }

  /** Any free one; with reload the usual one, so that a part comes back where the others look. */
  #port(name: PortSetting): Variables {
    return { [name]: this.options.reload ? String(portNear(SETTINGS[name].default)) : '0' };
  }

  async #startPart(name: string, entry: string, own: Variables): Promise<Child> {
    const { env, reload, say } = this.options;
    const options: ChildOptions = {
      name,
      entry,
      cwd: ROOT,
      env: { ...own, ...definedOf(env) },
      logFile: reload ? undefined : this.#paths.logFile(name),
      watch: reload,
    };
    const child = await startChild(options);
    this.#watch(child);
    say(`${name}: ready`);
    return child;
  }

  #watch(child: Child): void {
    this.#children.push(child);
    // It came up while the others were stopped already.
    if (this.#stopping) void child.stop();
    void child.exited.then((code) => {
      if (this.#stopping) return;
      const lines = [`${child.name} ended by itself with ${code}`, child.tail()];
      this.#broken.reject(new Error(lines.filter(Boolean).join(':\n')));
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const order = ['edge', 'core', 'inference', 'the embedded database'];
    for (const name of order) {
      await this.#children.find((child) => child.name === name)?.stop();
    }
    // Without the lock the folder, and what it says of the running system, is another's.
    if (!this.#lock) return;
    rmSync(this.#paths.running, { force: true });
    this.#lock.release();
  }
}

/** Throws where another program works on the folder. */
function lockFolder(paths: DataPaths): FileLock {
  mkdirSync(paths.data, { recursive: true });
  const result = acquireFileLock(paths.lock);
  if (result.lock) return result.lock;
  const who = result.holder ? `process ${result.holder}` : 'another process';
  throw new Error(`${who} works on ${paths.data}: stop it, or name another folder with --data DIR`);
}

async function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped while starting')));
  });
}

function toUrl(address: string): string {
  return address.includes('://') ? address : `http://${address}`;
}

function definedOf(env: Variables): Variables {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}
