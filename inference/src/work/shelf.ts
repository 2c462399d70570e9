import { AppError, toAppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { usedBytes } from '../model/memory.ts';
import { type ModelSpec, modelKey } from '../model/model-spec.ts';
import type { RepositoryEntry } from '../model/repository.ts';
import type { Loaded, Provider } from '../model/session-protocol.ts';
import { Sessions } from '../model/sessions.ts';
import { Batcher } from '../pipeline/batcher.ts';

/** A model that can run. */
export interface ReadyModel {
  readonly spec: ModelSpec;
  readonly loaded: Loaded;
  readonly batcher: Batcher;
  readonly sessions: Sessions;
  /** Memory that load and warm-up took: VRAM on a GPU, resident memory on the CPU. */
  readonly bytes: number;
}

/** Names a version; an empty one is the default. A digest must be that of the file here. */
export interface ModelRef {
  readonly name: string;
  readonly version: string;
  readonly digest?: Uint8Array;
}

/** loading → ready | unavailable (with its reason); ready → unloading → gone. */
export type ModelState =
  | { readonly state: 'loading'; readonly spec: ModelSpec }
  | ({ readonly state: 'ready' } & ReadyModel)
  | { readonly state: 'unloading'; readonly spec: ModelSpec }
  | {
      readonly state: 'unavailable';
      readonly spec: ModelSpec | undefined;
      readonly reason: string;
    };

export interface ShelfOptions {
  readonly providers: readonly Provider[];
  readonly threads: number;
  /** Another program for the sessions' Workers, in tests that make faults. */
  readonly sessionWorker?: URL | undefined;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** The models of this server and their states, by `name/version`. */
export class Shelf {
  readonly #states = new Map<string, ModelState & { name: string; version: string }>();
  #settled = false;

  constructor(private readonly options: ShelfOptions) {}

  /** Every model was tried, and at least one runs. */
  get ready(): boolean {
    return this.#settled && [...this.#states.values()].some((s) => s.state === 'ready');
  }

  /** Why it is not ready; empty when it is. */
  get reason(): string {
    if (!this.#settled) return 'Models are being loaded.';
    if (this.ready) return '';
    const reasons = [...this.#states].map(([key, s]) =>
      s.state === 'unavailable' ? `${key}: ${s.reason}` : `${key}: ${s.state}`,
    );
    return reasons.length === 0 ? 'The models folder holds no model.' : reasons.join(' ');
  }

  list() {
    return [...this.#states.values()];
  }

  /** Loads one after the other; a model that fails is named in the log and does not stop the rest. */
  async load(entries: readonly RepositoryEntry[]): Promise<void> {
    for (const entry of entries) {
      if ('spec' in entry) this.#set(entry, { state: 'loading', spec: entry.spec });
      else this.#fail(entry, undefined, entry.error);
    }
    for (const entry of entries) {
      if ('spec' in entry) await this.#loadOne(entry, entry.spec);
    }
    this.#settled = true;
    this.options.onChange();
  }

  /**
   * Runs `work` with the model, which stays loaded until it ends. Throws MODEL_UNAVAILABLE,
   * MODEL_MISMATCH if the file here is not the one asked for, MODEL_MEMORY_FULL, and what `work` does.
   */
  use<T>(ref: ModelRef, work: (model: ReadyModel) => Promise<T>): Promise<T> {
    const { name, version, digest } = ref;
    const found = this.#states.get(`${name}/${version}`);
    if (found?.state !== 'ready') {
      const why = found?.state === 'unavailable' ? found.reason : (found?.state ?? 'not here');
      throw new AppError('MODEL_UNAVAILABLE', `The model ${name}/${version} is not ready: ${why}`);
    }
    if (digest && digest.length > 0 && !found.spec.digest.equals(digest)) {
      const has = found.spec.digest.toString('hex');
      throw new AppError('MODEL_MISMATCH', `${name}/${version} has the SHA-256 ${has} here.`);
    }
    return work(found);
  }

  /** Why nothing more can be run in this process; undefined while it can. */
  get fault(): string | undefined {
    return this.#sessions().find(({ fault }) => fault !== undefined)?.fault;
  }

  /** `performance.now()` of the last progress of what has been running longest; else undefined. */
  get busySinceMs(): number | undefined {
    const since = this.#sessions().flatMap(({ busySinceMs }) => busySinceMs ?? []);
    return since.length === 0 ? undefined : Math.min(...since);
  }

  #sessions(): Sessions[] {
    return this.list().flatMap((model) => (model.state === 'ready' ? [model.sessions] : []));
  }

  async unloadAll(): Promise<void> {
    for (const entry of [...this.#states.values()]) {
      if (entry.state !== 'ready') continue;
      const { spec, sessions } = entry;
      this.#set(spec, { state: 'unloading', spec });
      await sessions.close();
      this.#states.delete(modelKey(spec));
    }
  }

  async #loadOne(entry: { name: string; version: string }, spec: ModelSpec): Promise<void> {
    const { providers, threads, sessionWorker, log } = this.options;
    const sessions = new Sessions(sessionWorker);
    const before = usedBytes(providers[0] ?? 'cpu');
    try {
      const loaded = await sessions.load(spec, { providers, threads });
      const batcher = new Batcher(sessions, spec, loaded.batchSizes);
      const { provider, reason } = loaded;
      const bytes = Math.max(0, usedBytes(provider) - before);
      log.info({ model: modelKey(spec), provider, reason, bytes }, 'model ready');
      this.#set(entry, { state: 'ready', spec, loaded, batcher, sessions, bytes });
    } catch (error) {
      await sessions.close();
      this.#fail(entry, spec, error);
    }
  }

  #fail(entry: { name: string; version: string }, spec: ModelSpec | undefined, error: unknown) {
    const { message: reason } = toAppError(error);
    const err = error instanceof AppError ? error.cause : error;
    this.options.log.error({ model: modelKey(entry), reason, err }, 'model unavailable');
    this.#set(entry, { state: 'unavailable', spec, reason });
  }

  #set({ name, version }: { name: string; version: string }, state: ModelState): void {
    this.#states.set(modelKey({ name, version }), { name, version, ...state });
    this.options.onChange();
  }
}
