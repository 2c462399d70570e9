import { AppError } from '@demeter/common/errors';
import { Calibration, isClearlyFaster, type Setup, waysToShare } from './calibrate.ts';
import type { ModelSpec } from './model-spec.ts';
import type {
  Loaded,
  Provider,
  Ran,
  RanTensors,
  RunRequest,
  WorkerAnswer,
  WorkerRequest,
} from './session-protocol.ts';
import { SessionThread, type WithoutId } from './session-thread.ts';
import { checkFeeds, checkOutputs, movable, type NamedTensor } from './tensors.ts';

export type OnRan = (spec: ModelSpec, images: number, inferenceMs: number) => void;

export interface SessionsOptions {
  /** Another program for the Workers, in tests that make faults. */
  readonly worker?: URL | undefined;
  /** Told of every run. */
  readonly onRan?: OnRan;
  /** Told when nothing more can be run in this process: `fault` says why. */
  readonly onFault?: () => void;
  readonly calibration?: Calibration;
}

interface LoadOptions {
  readonly providers: readonly Provider[];
  /** For all sessions together. */
  readonly threads: number;
}

/**
 * One model's sessions, each in a Worker of its own: loading them blocks no other model, and ending
 * the Workers frees what they held. On the CPU two sessions of one thread may run more images than
 * one of two threads; which it is, is measured when the model is first loaded on a machine.
 *
 * new → load → run … → close. A run that hangs cannot be ended but with the process: `busySinceMs`
 * shows it, liveness fails, and the supervisor kills the server.
 */
export class Sessions {
  readonly #worker: URL;
  readonly #onRan: OnRan;
  readonly #onFault: () => void;
  readonly #calibration: Calibration;
  #crew: SessionThread[];
  #closed = false;
  /** What was loaded. */
  #loaded: ModelSpec | undefined;
  /** Images run, and runs. */
  readonly executed = { images: 0, runs: 0 };

  constructor(options: SessionsOptions = {}) {
    this.#worker = options.worker ?? new URL('./session-worker.ts', import.meta.url);
    this.#onRan = options.onRan ?? (() => {});
    this.#onFault = options.onFault ?? (() => {});
    this.#calibration = options.calibration ?? new Calibration({ budgetMs: 0 });
    this.#crew = [new SessionThread(this.#worker, this.#onFault)];
  }

  /**
   * Why nothing more can be run in this process; undefined while it can. A GPU that fails in a run
   * spoils the CUDA context, and only a new process gets a new one.
   */
  get fault(): string | undefined {
    return this.#crew.find((each) => each.broken)?.broken?.message;
  }

  /** `performance.now()` of the last sign of progress while a run is under way; else undefined. */
  get busySinceMs(): number | undefined {
    if (!this.#loaded) return undefined;
    const since = this.#crew.flatMap((each) => each.busySinceMs ?? []);
    return since.length === 0 ? undefined : Math.min(...since);
  }

  /** Loads and warms up, once. Throws MODEL_INVALID, MODEL_MEMORY_FULL, MODEL_UNAVAILABLE. */
  async load(spec: ModelSpec, options: LoadOptions): Promise<Loaded> {
    // What was found on the CPU says nothing of a GPU, which is measured at each load.
    const onCpu = options.providers[0] === 'cpu';
    const known = onCpu ? this.#calibration.find(spec, options.threads) : undefined;
    const budgetMs = known ? 0 : this.#calibration.budgetMs;
    const loaded =
      budgetMs > 0
        ? await this.#calibration.inTurn(() => this.#loadMeasured(spec, options, budgetMs))
        : await this.#loadAs(spec, options, known);
    this.#loaded = spec;
    return loaded;
  }

  async #loadAs(spec: ModelSpec, options: LoadOptions, setup?: Setup): Promise<Loaded> {
    const threads = setup?.threads ?? options.threads;
    const request = { type: 'load', spec, calibrateMs: 0, setup, ...options, threads } as const;
    const loaded = await this.#crew[0]!.ask<'loaded'>(request);
    if (loaded.provider !== 'cpu' || setup === undefined) return loaded;
    while (this.#crew.length < setup.sessions) this.#crew.push(await this.#start(spec, setup));
    return { ...loaded, sessions: setup.sessions };
  }

  async #loadMeasured(spec: ModelSpec, options: LoadOptions, budgetMs: number): Promise<Loaded> {
    const until = performance.now() + 2 * budgetMs;
    const calibrateMs = budgetMs / 4;
    const request = { type: 'load', spec, calibrateMs, setup: undefined, ...options } as const;
    const loaded = await this.#crew[0]!.ask<'loaded'>(request);
    if (loaded.provider !== 'cpu' || loaded.tooSlow) return loaded;
    const setup = await this.#shareThreads(spec, loaded, {
      threads: options.threads,
      budgetMs,
      until,
    });
    this.#calibration.keep(spec, options.threads, setup);
    return { ...loaded, ...setup };
  }

  /** Takes the request's buffer and hands it back in the answer. Throws INFERENCE_FAILED. */
  async run(request: Omit<RunRequest, 'id' | 'type'>): Promise<Ran> {
    const transfer = [request.input.buffer];
    const answer = await this.#execute({ type: 'run', ...request }, transfer, request.asks.length);
    return answer as WorkerAnswer & { type: 'ran' };
  }

  /**
   * Runs the graph on any tensors and answers the outputs named (none: all). Moves away what `feeds`
   * hold. Throws INVALID_INPUT before anything runs, MODEL_UNAVAILABLE, INFERENCE_FAILED.
   */
  async runTensors(
    feeds: readonly NamedTensor[],
    outputs: readonly string[] = [],
  ): Promise<RanTensors> {
    if (!this.#loaded) throw new AppError('MODEL_UNAVAILABLE', 'The model is not loaded.');
    checkFeeds(this.#loaded.inputs, feeds);
    checkOutputs(this.#loaded.outputs, outputs);
    const images = feeds[0]?.dims[0] ?? 1;
    const answer = await this.#execute({ type: 'tensors', feeds, outputs }, movable(feeds), images);
    return answer as WorkerAnswer & { type: 'ran-tensors' };
  }

  /** After what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#crew.map((each) => each.close()));
  }

  async #execute(request: WithoutId<WorkerRequest>, transfer: ArrayBuffer[], images: number) {
    if (this.#closed) throw new AppError('MODEL_UNAVAILABLE', 'The model has been unloaded.');
    const idlest = this.#crew.reduce((best, each) => (each.load < best.load ? each : best));
    const answer = await idlest.ask<'ran' | 'ran-tensors'>(request, transfer);
    this.executed.images += images;
    this.executed.runs++;
    if (this.#loaded) this.#onRan(this.#loaded, images, answer.inferenceMs);
    return answer;
  }

  async #start(spec: ModelSpec, setup: Setup): Promise<SessionThread> {
    const thread = new SessionThread(this.#worker, this.#onFault);
    const { threads } = setup;
    try {
      await thread.ask({ type: 'load', spec, providers: ['cpu'], threads, calibrateMs: 0, setup });
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  /** Keeps the way to share the threads that runs most images; more sessions only if clearly so. */
  async #shareThreads(
    spec: ModelSpec,
    { takesPixels, batchSizes }: Loaded,
    limits: { readonly threads: number; readonly budgetMs: number; readonly until: number },
  ): Promise<Setup> {
    let best: Setup = { takesPixels, batchSizes, sessions: 1, threads: limits.threads };
    for (const way of waysToShare(limits.threads).slice(1)) {
      if (performance.now() > limits.until) break;
      const rivals: SessionThread[] = [];
      let better = false;
      try {
        for (let i = 0; i < way.sessions; i++)
          rivals.push(await this.#start(spec, { ...best, ...way }));
        better = await isFaster(rivals, this.#crew, limits.budgetMs / 8);
      } catch {
        // No memory for so many: what runs already stays.
      }
      const losers = better ? this.#crew : rivals;
      if (better) {
        this.#crew = rivals;
        best = { ...best, ...way };
      }
      await Promise.all(losers.map((each) => each.close()));
      if (!better) break;
    }
    return best;
  }
}

/** Whether `rivals` run clearly more images than `crew`; in turns, since machines drift. */
async function isFaster(
  rivals: readonly SessionThread[],
  crew: readonly SessionThread[],
  ms: number,
): Promise<boolean> {
  const rate = async (threads: readonly SessionThread[]) => {
    const runs = threads.map((each) => each.ask<'measured'>({ type: 'measure', ms }));
    return (await Promise.all(runs)).reduce((sum, each) => sum + each.imagesPerMs, 0);
  };
  let before = 0;
  let now = 0;
  for (let turn = 0; turn < 3; turn++) {
    before = Math.max(before, await rate(crew));
    now = Math.max(now, await rate(rivals));
  }
  return isClearlyFaster(now, before);
}
