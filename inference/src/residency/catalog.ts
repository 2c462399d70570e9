import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@demeter/common/errors';
import { modelKey } from '../model/model-spec.ts';
import type { RepositoryEntry } from '../model/repository.ts';
import { createEntry, type Entry, type ModelView, toView } from './entry.ts';
import { chooseDefault } from './versions.ts';

/** Names a version; an empty one is the default. A digest must be that of the file here. */
export interface ModelRef {
  readonly name: string;
  readonly version: string;
  readonly digest?: Uint8Array;
}

export interface CatalogOptions {
  /** `name/version`: answers where no version is named. */
  readonly defaults: readonly string[];
  /** `name` or `name/version`: never evicted. */
  readonly pinned: readonly string[];
}

/** Every version in the repository by `name/version`, and which of each model is the default. */
export class Catalog {
  readonly #entries = new Map<string, Entry>();
  readonly #defaults = new Map<string, string>();

  constructor(private readonly options: CatalogOptions) {}

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  get names(): readonly string[] {
    return [...new Set(this.entries.map(({ name }) => name))];
  }

  get({ name, version }: ModelRef): Entry | undefined {
    const named = version || (this.#defaults.get(name) ?? '');
    return this.#entries.get(modelKey({ name, version: named }));
  }

  /** Throws NOT_FOUND. */
  require(ref: ModelRef): Entry {
    const entry = this.get(ref);
    if (entry) return entry;
    throw new AppError('NOT_FOUND', `The repository holds no model ${modelKey(ref)}.`, {
      hint: 'ListModels names what is there.',
    });
  }

  view(entry: Entry): ModelView {
    return toView(entry, this.#defaults.get(entry.name) === entry.version);
  }

  /** What the repository holds now: which versions are new or others than before, which are gone. */
  update(models: readonly RepositoryEntry[]): { changed: Entry[]; removed: Entry[] } {
    const changed = models.map((model) => this.#take(model)).filter((entry) => entry !== undefined);
    const held = new Set(models.map(modelKey));
    // A folder that cannot be read says nothing of its models: none of them is taken away.
    const whole = models.every(({ version }) => version !== '');
    const removed = this.entries.filter(
      ({ key, version }) => !held.has(key) && (whole || version === ''),
    );
    for (const { key } of removed) this.#entries.delete(key);
    return { changed, removed };
  }

  #take(model: RepositoryEntry): Entry | undefined {
    const key = modelKey(model);
    const pinned = [model.name, key].some((each) => this.options.pinned.includes(each));
    const entry = this.#entries.get(key) ?? createEntry(model, key, pinned);
    this.#entries.set(key, entry);
    if ('error' in model) {
      const { error } = model;
      if (entry.error?.message === error.message) return undefined;
      entry.error = error;
      entry.reason = error.message;
      if (!entry.resident) entry.state = 'unavailable';
      return entry;
    }
    const same = isDeepStrictEqual(entry.spec, model.spec);
    if (same && !entry.error) return undefined;
    if (!same) entry.spec = model.spec;
    entry.error = undefined;
    entry.reason = '';
    if (entry.state === 'unavailable') entry.state = 'unloaded';
    return entry;
  }

  defaultOf(name: string): string | undefined {
    return this.#defaults.get(name);
  }

  /** The settings, and not what is ready, say which version answers. */
  isFixed(name: string): boolean {
    return this.#wanted(name) !== undefined;
  }

  /** Chooses again; answers the version that was the default, where another one is now. */
  chooseDefault(name: string): Entry | undefined {
    const versions = this.entries.filter((entry) => entry.name === name);
    const current = this.#defaults.get(name);
    const chosen = chooseDefault({ current, wanted: this.#wanted(name), versions });
    if (chosen === undefined) this.#defaults.delete(name);
    else this.#defaults.set(name, chosen);
    if (current === undefined || chosen === current) return undefined;
    return this.#entries.get(modelKey({ name, version: current }));
  }

  #wanted(name: string): string | undefined {
    const prefix = `${name}/`;
    const wanted = this.options.defaults.find((each) => each.startsWith(prefix));
    return wanted?.slice(prefix.length);
  }
}
