import type { ModelSpec } from '../model/model-spec.ts';
import type { Loaded } from '../model/session-protocol.ts';
import type { Sessions } from '../model/sessions.ts';
import { Batcher } from '../pipeline/batcher.ts';

export interface ResidentOptions {
  readonly spec: ModelSpec;
  readonly loaded: Loaded;
  readonly sessions: Sessions;
  /** It takes of the memory that admission watches; a model on the CPU of a GPU server does not. */
  readonly counted: boolean;
  /** As expected, until it is measured. */
  readonly bytes: number;
}

/** A model in memory: runs what it is given, and ends when nothing uses it any more. */
export class Resident {
  readonly spec: ModelSpec;
  readonly loaded: Loaded;
  readonly sessions: Sessions;
  readonly batcher: Batcher;
  readonly counted: boolean;
  readonly loadedAtMs = Date.now();
  /** Memory that load and warm-up took: VRAM on a GPU, resident memory on the CPU. */
  bytes: number;
  #running = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: ResidentOptions) {
    this.spec = options.spec;
    this.loaded = options.loaded;
    this.sessions = options.sessions;
    this.counted = options.counted;
    this.bytes = options.bytes;
    this.batcher = new Batcher(options.sessions, options.spec, options.loaded);
  }

  async use<T>(work: (model: Resident) => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await work(this);
    } finally {
      this.#running--;
      if (this.#running === 0) this.#idle?.resolve();
    }
  }

  /** Frees it after what runs; nobody may begin to use it any more. */
  async end(): Promise<void> {
    if (this.#running > 0) {
      this.#idle = Promise.withResolvers();
      await this.#idle.promise;
    }
    await this.sessions.close();
  }
}
