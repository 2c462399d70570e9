import { AppError, toAppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { type ModelSpec, modelKey } from '../model/model-spec.ts';
import type { RepositoryEntry } from '../model/repository.ts';
import type { Catalog, ModelRef } from './catalog.ts';
import type { Entry, ModelView } from './entry.ts';
import type { Loader, Room } from './loader.ts';
import type { Resident } from './resident.ts';
import { compareVersions } from './versions.ts';

/** A model that can run. */
export type ReadyModel = Pick<Resident, 'spec' | 'loaded' | 'batcher' | 'sessions'>;

export interface ShelfOptions {
  readonly catalog: Catalog;
  readonly loader: Loader;
  /** What the repository holds now. */
  readonly readModels: () => Promise<readonly RepositoryEntry[]>;
  /** The default version of each model is loaded at the start, and not first when asked for. */
  readonly eager: boolean;
  /** An unpinned model that nobody has used for so long is unloaded; 0: never. */
  readonly idleMs: number;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** A request finds the model being unloaded at most so often before it gives up. */
const TRIES_MAX = 3;

/**
 * The models of this server: which are in memory, and what becomes of those that are not.
 *
 * unloaded → loading → ready → unloading → unloaded; loading → unavailable (the file is wrong; a new
 * file or LoadModel tries again) or → unloaded (there is no room, or the device fails; the next
 * request tries again, and `tend` where nothing serves).
 * A version whose file changes is loaded beside itself, and stays ready with the old file till then.
 */
export class Shelf {
  /** In memory, also while they end. */
  readonly #residents = new Set<Resident>();
  /** Ends and trials that no entry of the catalog shows; stopping waits for them. */
  readonly #aside = new Set<Promise<void>>();
  readonly #catalog: Catalog;
  #scanning: Promise<void> = Promise.resolve();
  #nextScan: Promise<void> | undefined;
  #fault: string | undefined;
  #settled = false;
  #stopping = false;

  constructor(private readonly options: ShelfOptions) {
    this.#catalog = options.catalog;
  }

  /** Every model was tried that is loaded at the start, and at least one can answer. */
  get ready(): boolean {
    // One that found no room at the last try is not one that can answer.
    const can = ({ state, reason }: Entry) =>
      state === 'ready' || state === 'unloading' || (state === 'unloaded' && reason === '');
    return this.#settled && this.#catalog.entries.some(can);
  }

  /** Why it is not ready; empty when it is. */
  get reason(): string {
    if (!this.#settled) return 'Models are being loaded.';
    if (this.ready) return '';
    const reasons = this.#catalog.entries.map(
      ({ key, state, reason }) => `${key}: ${reason || state}`,
    );
    return reasons.length === 0 ? 'The models folder holds no model.' : reasons.join(' ');
  }

  /** Why nothing more can be run in this process; undefined while it can. */
  get fault(): string | undefined {
    // What has spoilt the process outlives the model that ran.
    this.#fault ??= [...this.#residents].map(({ sessions }) => sessions.fault).find(Boolean);
    return this.#fault;
  }

  /** `performance.now()` of the last progress of what has been running longest; else undefined. */
  get busySinceMs(): number | undefined {
    const since = [...this.#residents].flatMap(({ sessions }) => sessions.busySinceMs ?? []);
    return since.length === 0 ? undefined : Math.min(...since);
  }

  get loader(): Pick<Loader, 'evictions' | 'fallbacks' | 'loadingSinceMs'> {
    return this.options.loader;
  }

  list(): ModelView[] {
    return this.#catalog.entries.map((entry) => this.#catalog.view(entry));
  }

  /** The version as it is now; an empty one is the default. Undefined: not in the repository. */
  find(ref: ModelRef): ModelView | undefined {
    const entry = this.#catalog.get(ref);
    return entry && this.#catalog.view(entry);
  }

  /** Reads the repository for the first time and loads what is loaded at the start. */
  async start(): Promise<void> {
    await this.rescan();
    const { names, entries } = this.#catalog;
    const first = this.options.eager ? names.map((name) => this.#loadDefault(name)) : [];
    const pinned = entries.filter((entry) => entry.pinned);
    await Promise.all([...first, ...pinned.map((entry) => this.#tryLoad(entry))]);
    this.#settled = true;
    this.options.onChange();
  }

  /**
   * Runs `work` with the model, which stays in memory until it ends; loads it first where it is not.
   * Throws MODEL_UNAVAILABLE, MODEL_MISMATCH if the file here is not the one asked for,
   * MODEL_MEMORY_FULL, and what `work` does.
   */
  async use<T>(ref: ModelRef, work: (model: ReadyModel) => Promise<T>): Promise<T> {
    const entry = this.#catalog.get(ref);
    if (!entry) throw unavailable({ key: modelKey(ref), reason: 'not here.' });
    checkDigest(entry, ref);
    if (ref.version !== '') entry.namedByClients = true;
    entry.users++;
    entry.lastUsedMs = Date.now();
    try {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        if (!entry.resident) await this.#load(entry);
        // Between its being loaded and here it may have been told to go.
        if (entry.resident) return await entry.resident.use(work);
      }
      throw new AppError('MODEL_UNAVAILABLE', `The model ${entry.key} is being unloaded.`);
    } finally {
      entry.users--;
      entry.lastUsedMs = Date.now();
    }
  }

  /**
   * Makes a version ready, trying again what failed before. Throws NOT_FOUND, MODEL_INVALID,
   * MODEL_MEMORY_FULL, MODEL_UNAVAILABLE; versions that are ready stay so.
   */
  async load(ref: ModelRef, pin: boolean): Promise<ModelView> {
    await this.rescan();
    const entry = this.#catalog.require(ref);
    if (pin) entry.pinned = true;
    if (!entry.resident) await this.#load(entry, true);
    return this.#catalog.view(entry);
  }

  /** Ends versions after what they run; an empty version is all that are in memory. Throws NOT_FOUND. */
  async unload(ref: ModelRef): Promise<ModelView[]> {
    const asked = this.#catalog.require(ref);
    const all = this.#catalog.entries.filter(({ name, resident }) => name === ref.name && resident);
    const entries = ref.version === '' ? all : [asked];
    await Promise.all(entries.map((entry) => this.#retireLoaded(entry)));
    return entries.map((entry) => this.#catalog.view(entry));
  }

  /** Throws NOT_FOUND. */
  pin(ref: ModelRef, pinned: boolean): ModelView {
    const entry = this.#catalog.require(ref);
    entry.pinned = pinned;
    this.options.onChange();
    return this.#catalog.view(entry);
  }

  /** Loads a model that is not in the repository yet, runs it once and ends it; evicts none. */
  async tryOut(spec: ModelSpec): Promise<void> {
    if (this.#stopping) throw stopping();
    const room: Room = { occupants: () => [], evict: async () => {} };
    const trial = this.options.loader.load(`try-out ${spec.path}`, spec, room);
    await this.#keepAside(trial.then((resident) => resident.end()));
  }

  /** Takes a version that is not in memory out of the repository by `erase`. Throws NOT_FOUND, CONFLICT. */
  async remove(ref: ModelRef, erase: () => Promise<void>): Promise<void> {
    const entry = this.#catalog.require(ref);
    if (entry.resident || entry.loading || entry.unloading) {
      throw new AppError('CONFLICT', `${entry.key} is in memory.`, { hint: 'Unload it first.' });
    }
    await erase();
    await this.rescan();
  }

  /** Ends what nobody has used for long, looks for new files, and tries again where nothing serves. */
  async tend(): Promise<void> {
    const { idleMs } = this.options;
    const oldest = Date.now() - idleMs;
    const idle = this.#catalog.entries.filter(
      (entry) => isEvictable(entry) && Math.max(entry.lastUsedMs, loadedAt(entry)) < oldest,
    );
    if (idleMs > 0) await Promise.all(idle.map((entry) => this.#retire(entry)));
    await this.rescan();
    if (this.#settled && !this.ready && this.options.eager) {
      await Promise.all(this.#catalog.names.map((name) => this.#loadDefault(name)));
    }
  }

  /** Ends every model, after what they run; nothing is loaded any more. */
  async unloadAll(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#catalog.entries.map((entry) => this.#retireLoaded(entry)));
    await Promise.allSettled(this.#aside);
  }

  /** Reads the repository again from now on: new, changed and removed versions. */
  rescan(): Promise<void> {
    // One that is under way may have passed a new file already.
    this.#nextScan ??= this.#scanning
      .catch(() => {})
      .then(() => {
        this.#nextScan = undefined;
        this.#scanning = this.#scan();
        return this.#scanning;
      });
    return this.#nextScan;
  }

  async #scan(): Promise<void> {
    const { changed, removed } = this.#catalog.update(await this.options.readModels());
    for (const { key, error } of changed.filter((entry) => entry.error)) {
      this.options.log.error({ model: key, reason: error?.message }, 'model unavailable');
    }
    for (const entry of removed) void this.#keepAside(this.#retireLoaded(entry));
    for (const entry of changed) {
      const { resident, spec } = entry;
      const replaces = resident ? resident.spec !== spec : this.#supersedes(entry);
      if (this.#settled && !entry.error && replaces) void this.#tryLoad(entry);
    }
    for (const { name } of [...changed, ...removed]) this.#chooseDefault(name);
    this.options.onChange();
  }

  /** A new version is loaded beside the one that answers, to take its place. */
  #supersedes({ name, version }: Entry): boolean {
    if (this.#catalog.isFixed(name)) return false;
    const current = this.#catalog.defaultOf(name);
    if (current === undefined) return this.options.eager;
    const answering = this.#catalog.get({ name, version: current });
    const inUse = this.options.eager || answering?.resident !== undefined;
    return inUse && compareVersions(version, current) > 0;
  }

  /** Loads the default version; where it fails, the next that becomes the default. */
  async #loadDefault(name: string): Promise<void> {
    const tried = new Set<Entry>();
    for (;;) {
      const entry = this.#catalog.get({ name, version: '' });
      if (entry?.state !== 'unloaded' || tried.has(entry)) return;
      tried.add(entry);
      if (await this.#tryLoad(entry)) return;
    }
  }

  async #tryLoad(entry: Entry): Promise<boolean> {
    try {
      await this.#load(entry, true);
      return true;
    } catch {
      // It is in the log and in the entry's reason.
      return false;
    }
  }

  /** Loads a version, or the file that has taken its place; `again` also where it has failed before. */
  #load(entry: Entry, again = false): Promise<void> {
    if (this.#stopping) return Promise.reject(stopping());
    if (entry.state === 'unavailable' && !again && !entry.loading) {
      return Promise.reject(unavailable(entry));
    }
    entry.loading ??= this.#bringIn(entry).finally(() => {
      entry.loading = undefined;
      this.#chooseDefault(entry.name);
      this.options.onChange();
    });
    return entry.loading;
  }

  async #bringIn(entry: Entry): Promise<void> {
    const { spec } = entry;
    if (!spec) throw unavailable(entry);
    await entry.unloading;
    if (!entry.resident) entry.state = 'loading';
    this.options.onChange();
    try {
      const resident = await this.options.loader.load(entry.key, spec, this.#roomFor(entry));
      this.#residents.add(resident);
      const before = entry.resident;
      entry.resident = resident;
      entry.state = 'ready';
      entry.reason = resident.loaded.reason;
      const { provider, reason } = resident.loaded;
      const facts = { model: entry.key, provider, reason, bytes: Math.round(resident.bytes) };
      this.options.log.info(facts, 'model ready');
      if (before) void this.#keepAside(this.#end(entry, before));
    } catch (error) {
      this.#fail(entry, error);
      throw error;
    }
    // The file has changed while its old content was loaded.
    if (entry.spec !== spec) await this.#bringIn(entry);
  }

  #fail(entry: Entry, error: unknown): void {
    const shown = toAppError(error);
    entry.reason = shown.message;
    const again = ['MODEL_MEMORY_FULL', 'MODEL_UNAVAILABLE'].includes(shown.code);
    if (!entry.resident) entry.state = again ? 'unloaded' : 'unavailable';
    const err = error instanceof AppError ? error.cause : error;
    this.options.log.error({ model: entry.key, reason: shown.message, err }, 'model unavailable');
  }

  /** What is in memory and may go for `entry`: never another version of the same model. */
  #roomFor({ name }: Entry): Room {
    const holding = () => this.#catalog.entries.filter((entry) => entry.resident?.counted);
    return {
      occupants: () =>
        holding().map((entry) => ({
          key: entry.key,
          bytes: entry.resident?.bytes ?? 0,
          lastUsedMs: Math.max(entry.lastUsedMs, loadedAt(entry)),
          // At the start the models loaded first stay; the others are loaded when asked for.
          evictable: this.#settled && entry.name !== name && isEvictable(entry),
        })),
      evict: async (keys) => {
        const going = holding().filter(({ key }) => keys.includes(key));
        await Promise.all(going.map((entry) => this.#retire(entry)));
      },
    };
  }

  /** Takes no new work, finishes what runs, and is freed. */
  #retire(entry: Entry): Promise<void> {
    const { resident } = entry;
    if (!resident) return entry.unloading ?? Promise.resolve();
    entry.resident = undefined;
    entry.namedByClients = false;
    entry.state = 'unloading';
    entry.unloading = this.#end(entry, resident).finally(() => {
      entry.unloading = undefined;
      if (entry.state === 'unloading') {
        entry.state = entry.error ? 'unavailable' : 'unloaded';
        entry.reason = entry.error?.message ?? '';
      }
      this.options.log.info({ model: entry.key }, 'model unloaded');
      this.options.onChange();
    });
    this.options.onChange();
    return entry.unloading;
  }

  /** Also what is just being loaded. */
  async #retireLoaded(entry: Entry): Promise<void> {
    await entry.loading?.catch(() => {});
    await this.#retire(entry);
  }

  async #end(entry: Entry, resident: Resident): Promise<void> {
    await resident.end();
    entry.executed.images += resident.sessions.executed.images;
    entry.executed.runs += resident.sessions.executed.runs;
    this.#residents.delete(resident);
    this.options.loader.freed();
  }

  #keepAside(work: Promise<void>): Promise<void> {
    this.#aside.add(work);
    return work.finally(() => this.#aside.delete(work));
  }

  /** Hands over to a better version, and ends the one before unless clients ask for it by name. */
  #chooseDefault(name: string): void {
    const before = this.#catalog.chooseDefault(name);
    if (!before) return;
    const version = this.#catalog.defaultOf(name);
    this.options.log.info({ model: name, version, before: before.version }, 'default version');
    if (!before.pinned && !before.namedByClients) void this.#retire(before);
  }
}

function isEvictable(entry: Entry): boolean {
  return entry.resident !== undefined && !entry.pinned && entry.users === 0 && !entry.loading;
}

function loadedAt(entry: Entry): number {
  return entry.resident?.loadedAtMs ?? 0;
}

function stopping(): AppError {
  return new AppError('DRAINING', 'The server is stopping.');
}

function unavailable({ key, reason }: Pick<Entry, 'key' | 'reason'>): AppError {
  return new AppError('MODEL_UNAVAILABLE', `The model ${key} is not ready: ${reason}`);
}

function checkDigest({ key, resident, spec }: Entry, { digest }: ModelRef): void {
  const held = (resident?.spec ?? spec)?.digest;
  if (!held || !digest || digest.length === 0 || held.equals(digest)) return;
  throw new AppError('MODEL_MISMATCH', `${key} has the SHA-256 ${held.toString('hex')} here.`);
}
