/** For tests: models that take memory by decree, and a shelf of them. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { temporaryFolder } from '../_testing.ts';
import type { Memory } from '../model/memory.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import type { RepositoryEntry } from '../model/repository.ts';
import type { Loaded, Provider } from '../model/session-protocol.ts';
import type { Sessions } from '../model/sessions.ts';
import { Catalog } from './catalog.ts';
import { Loader } from './loader.ts';
import { Shelf, type ShelfOptions } from './shelf.ts';

export const MIB = 1024 * 1024;
const folder = temporaryFolder();
const log = { info() {}, warn() {}, error() {} } as unknown as Logger;

/** What may happen to a model; names are `name/version`. */
export interface World {
  memory: Memory;
  /** Memory that each one takes; 100 MiB unless said here. */
  readonly takes: Map<string, number>;
  /** How its next loads end. */
  readonly fails: Map<string, AppError[]>;
  /** Resolves when a load or a run may go on. */
  pause: () => Promise<void>;
  /** Loads begun, in order. */
  readonly loads: string[];
  /** In memory now, with where. */
  readonly held: Set<FakeSessions>;
}

export function createWorld(memory: Partial<Memory> = {}): World {
  return {
    memory: { kind: 'resident', totalBytes: 1_000 * MIB, usedBytes: 0, ...memory },
    takes: new Map(),
    fails: new Map(),
    pause: async () => {},
    loads: [],
    held: new Set(),
  };
}

class FakeSessions {
  readonly executed = { images: 0, runs: 0 };
  fault: string | undefined;
  readonly busySinceMs = undefined;
  key = '';
  digest = '';
  #bytes = 0;
  #running = 0;
  #closed = false;

  constructor(private readonly world: World) {}

  async load(spec: ModelSpec, { providers }: { providers: readonly Provider[] }): Promise<Loaded> {
    const { world } = this;
    this.key = `${spec.name}/${spec.version}`;
    this.digest = spec.digest.toString('hex');
    world.loads.push(this.key);
    await world.pause();
    const provider = providers[0] ?? 'cpu';
    const failure =
      provider === 'cpu' && world.memory.kind === 'vram' ? undefined : this.#failure();
    if (failure) throw failure;
    if (provider !== 'cpu' || world.memory.kind === 'resident') {
      this.#bytes = world.takes.get(this.key) ?? 100 * MIB;
    }
    world.memory = { ...world.memory, usedBytes: world.memory.usedBytes + this.#bytes };
    world.held.add(this);
    return { provider, reason: '', batchSizes: [1], sessions: 1, threads: 1 } as unknown as Loaded;
  }

  #failure(): AppError | undefined {
    return this.world.fails.get(this.key)?.shift();
  }

  /** Throws where a model was ended below a run, or runs after its end. */
  async run(): Promise<string> {
    if (this.#closed) throw new Error(`${this.key} runs after its end`);
    this.#running++;
    await this.world.pause();
    this.#running--;
    if (this.#closed) throw new Error(`${this.key} was ended while it ran`);
    this.executed.runs++;
    return this.key;
  }

  async close(): Promise<void> {
    if (this.#running > 0) throw new Error(`${this.key} is ended while it runs`);
    this.#closed = true;
    const { world } = this;
    world.memory = { ...world.memory, usedBytes: world.memory.usedBytes - this.#bytes };
    this.#bytes = 0;
    world.held.delete(this);
  }
}

/** One version whose file is `content`. */
export function fakeModel(key: string, content = key): RepositoryEntry {
  const [name = '', version = ''] = key.split('/');
  const path = join(folder, `${name}-${version}.onnx`);
  writeFileSync(path, content);
  const digest = createHash('sha256').update(content).digest();
  const input = { channels: 3, width: 32, height: 32 };
  const files = { path, digest, weightFiles: [] };
  const tiling = { mode: 'auto' };
  const spec = { name, version, ...files, input, tiling, classNames: [], inputs: [], outputs: [] };
  return { name, version, spec: spec as unknown as ModelSpec };
}

export function brokenModel(key: string): RepositoryEntry {
  const [name = '', version = ''] = key.split('/');
  return { name, version, error: new AppError('MODEL_INVALID', `${key} is broken.`) };
}

export interface FakeShelfOptions extends Partial<Pick<ShelfOptions, 'eager' | 'idleMs'>> {
  readonly models: readonly RepositoryEntry[];
  readonly providers?: readonly Provider[];
  readonly defaults?: readonly string[];
  readonly pinned?: readonly string[];
  readonly loadsMax?: number;
}

/** A shelf on a world, and the list of what its repository holds, which a test may change. */
export function createFakeShelf(world: World, options: FakeShelfOptions) {
  const { providers = ['cpu'], defaults = [], pinned = [], loadsMax = 2 } = options;
  const repository = { models: [...options.models] };
  const shelf = new Shelf({
    catalog: new Catalog({ defaults, pinned }),
    loader: new Loader({
      ...{ providers, threads: 1, loadsMax, log },
      memory: { read: async () => world.memory, last: () => world.memory },
      createSessions: () => new FakeSessions(world) as unknown as Sessions,
    }),
    readModels: async () => repository.models,
    eager: options.eager ?? false,
    idleMs: options.idleMs ?? 0,
    log,
    onChange: () => {},
  });
  /** Runs a model by `name/version`, or its default by `name`; answers which one ran. */
  const run = async (ref: string): Promise<string> => {
    const [name = '', version = ''] = ref.split('/');
    return await shelf.use({ name, version }, ({ sessions }) =>
      (sessions as unknown as FakeSessions).run(),
    );
  };
  const states = () =>
    Object.fromEntries(shelf.list().map((each) => [`${each.name}/${each.version}`, each.state]));
  return { shelf, repository, run, states };
}
