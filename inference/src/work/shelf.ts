import { AppError, toAppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { type ModelSpec, modelKey } from '../model/model-spec.ts';
import type { RepositoryEntry } from '../model/repository.ts';
import type { Loaded, Provider } from '../model/session-protocol.ts';
import type { Sessions } from '../model/sessions.ts';
import { Batcher } from '../pipeline/batcher.ts';

/** A model that can run. */
export interface ReadyModel {
  readonly spec: ModelSpec;
  readonly loaded: Loaded;
  readonly batcher: Batcher;
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
  readonly log: Logger;
  readonly onChange: () => void;
}

/** The models of this server and their states, by `name/version`. */
export class Shelf {
  readonly #states = new Map<string, ModelState & { name: string; version: string }>();
  #settled = false;

  constructor(
    private readonly sessions: Sessions,
    private readonly options: ShelfOptions,
  ) {}

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

  /** Throws MODEL_UNAVAILABLE, or MODEL_MISMATCH if the file here is not the one asked for. */
  get(name: string, version: string, digest: Uint8Array): ReadyModel {
    const found = this.#states.get(`${name}/${version}`);
    if (found?.state !== 'ready') {
      const why = found?.state === 'unavailable' ? found.reason : (found?.state ?? 'not here');
      throw new AppError('MODEL_UNAVAILABLE', `The model ${name}/${version} is not ready: ${why}`);
    }
    if (digest.length > 0 && !found.spec.digest.equals(digest)) {
      const has = found.spec.digest.toString('hex');
      throw new AppError('MODEL_MISMATCH', `${name}/${version} has the SHA-256 ${has} here.`);
    }
    return found;
  }

  async unloadAll(): Promise<void> {
    for (const entry of [...this.#states.values()]) {
      if (entry.state !== 'ready') continue;
      const { spec } = entry;
      this.#set(spec, { state: 'unloading', spec });
      await this.sessions.unload(modelKey(spec));
      this.#states.delete(modelKey(spec));
    }
  }

  async #loadOne(entry: { name: string; version: string }, spec: ModelSpec): Promise<void> {
    const { providers, threads, log } = this.options;
    try {
      const loaded = await this.sessions.load(spec, { providers, threads });
      const batcher = new Batcher(this.sessions, spec, loaded.batchSizes);
      const { provider, reason, bytes } = loaded;
      log.info({ model: modelKey(spec), provider, reason, bytes }, 'model ready');
      this.#set(entry, { state: 'ready', spec, loaded, batcher });
    } catch (error) {
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
