import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { backoffMs } from '@demeter/common/retry';
import { CountLost, CountServerAway, ModelNotServed } from '../count/mesh-counting.ts';
import { toLogFields } from '../forward/failures.ts';
import { Nudge } from '../nudge.ts';
import { type HeldModels, wantedModels } from './held-models.ts';
import { ManifestRefused, type Piece } from './manifest.ts';
import type { ModelFiles } from './models.ts';
import type { ModelsStand } from './trial.ts';

const AGAIN = { baseMs: 2_000, maxMs: 5 * 60_000 } as const;
const IDLE_MS = 60_000;
/** A count server looks through its folders every half minute unless told otherwise, then loads. */
const PATIENCE_MS = 10 * 60_000;
const LOSSES_MAX = 3;
/** The centre takes 500 characters of a reason. */
const REASON_MAX = 400;

export interface ModelKeeperOptions {
  readonly files: Pick<ModelFiles, 'pull' | 'prune'>;
  /**
   * Has the count server beside this box use exactly this model once; null: there is none. Throws
   * CountServerAway, ModelNotServed, and AppError where it cannot.
   */
  readonly tryModel:
    | ((
        model: { readonly name: string; readonly version: string },
        signal: AbortSignal,
      ) => Promise<void>)
    | null;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onRefused: (refusal: ManifestRefused) => void;
}

interface Wanted {
  readonly version: number | null;
  readonly files: readonly Piece[];
  readonly left: AbortController;
}

/**
 * Pulls the models of the version in force beside all else: neither a slow link nor a full disk
 * holds a configuration up. They are good once the count server has counted a picture with them;
 * where no such server stands beside the box, once they are whole.
 *
 *   AWAITED ──whole, and counted with──► SERVED
 *      └──the server refuses one, does not serve it for long, or ends over it──► a Failure
 */
export class ModelKeeper {
  readonly #nudge: Nudge;
  #wanted: Wanted = { version: null, files: [], left: new AbortController() };
  #stand: ModelsStand = 'served';
  #misses = 0;
  #losses = 0;
  /** Monotonic milliseconds. */
  #notServedSince: number | null = null;
  #told = '';

  constructor(private readonly options: ModelKeeperOptions) {
    this.#nudge = new Nudge(options.clock);
  }

  /** The files of the version in force: what was wanted before is left where it stands. */
  want(version: number | null, files: readonly Piece[]): void {
    this.#wanted.left.abort(new Error('another version is in force'));
    this.#wanted = { version, files, left: new AbortController() };
    this.#stand = files.length === 0 ? 'served' : 'awaited';
    [this.#misses, this.#losses, this.#notServedSince, this.#told] = [0, 0, null, ''];
    this.#nudge.nudge();
  }

  /** How the models of this version stand. */
  standOf(version: number): ModelsStand {
    return this.#wanted.version === version ? this.#stand : 'awaited';
  }

  /** Removes what is neither held nor wanted. */
  async prune(held: HeldModels): Promise<void> {
    await this.options.files.prune(held, this.#wanted.files);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.bring(signal);
      await this.#nudge.wait(this.#stand === 'awaited' ? this.#againMs() : IDLE_MS, signal);
    }
  }

  #againMs(): number {
    return AGAIN.baseMs / 2 + backoffMs(this.#misses++, { ...AGAIN, random: this.options.random });
  }

  /** One try, where models are awaited; what fails is said and tried again. */
  async bring(stopping: AbortSignal): Promise<void> {
    const { files, log, onRefused } = this.options;
    const wanted = this.#wanted;
    const signal = AbortSignal.any([stopping, wanted.left.signal]);
    if (this.#stand !== 'awaited') return;
    try {
      await files.pull(wanted.files, signal);
      const stand = await this.#try(wanted, signal);
      if (wanted === this.#wanted) this.#stand = stand;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ManifestRefused) onRefused(error);
      this.#tell(() => log.warn(toLogFields(error), 'models cannot be pulled now'), String(error));
    }
  }

  async #try({ files }: Wanted, signal: AbortSignal): Promise<ModelsStand> {
    const { tryModel } = this.options;
    if (!tryModel) return 'served';
    for (const [name, version] of Object.entries(wantedModels(files))) {
      try {
        await tryModel({ name, version }, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        return this.#judge(`${name}/${version}`, error);
      }
    }
    return 'served';
  }

  #judge(model: string, error: unknown): ModelsStand {
    const { clock, log } = this.options;
    if (error instanceof AppError) {
      return this.#fail(`the count server cannot serve ${model}: ${error.message}`, false);
    }
    if (!(error instanceof CountServerAway)) throw error;
    if (error instanceof CountLost && ++this.#losses >= LOSSES_MAX) {
      return this.#fail(`the count server was lost ${LOSSES_MAX} times over ${model}`, true);
    }
    if (error instanceof ModelNotServed) {
      this.#notServedSince ??= clock.monotonic();
      if (clock.monotonic() - this.#notServedSince >= PATIENCE_MS) {
        return this.#fail(`the count server does not serve ${model}: ${error.message}`, true);
      }
    }
    this.#tell(() => log.info({ model, reason: error.message }, 'a model waits'), error.message);
    return 'awaited';
  }

  /** Once each time that it is another thing. */
  #tell(say: () => void, what: string): void {
    if (what !== this.#told) say();
    this.#told = what;
  }

  #fail(text: string, again: boolean): ModelsStand {
    const reason = text.slice(0, REASON_MAX);
    this.options.log.warn({ reason }, 'a model from the centre does not serve');
    return { reason, again };
  }
}
