import { AppError, isErrorCode } from '@demeter/common/errors';
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
import { checkFeeds, checkOutputs, movable, type NamedTensor } from './tensors.ts';

/** `Omit` that keeps a union apart. */
type WithoutId<T> = T extends WorkerRequest ? Omit<T, 'id'> : never;

export type OnRan = (spec: ModelSpec, images: number, inferenceMs: number) => void;

/**
 * One model's session in a Worker of its own, as the main thread sees it: loading it blocks no other
 * model, and ending the Worker frees what it held. Requests are answered in order.
 *
 * new → load → run … → close. A run that hangs cannot be ended but with the process: `busySinceMs`
 * shows it, liveness fails, and the supervisor kills the server.
 */
export class Sessions {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<WorkerAnswer>>();
  #nextId = 0;
  #progressAt = 0;
  #broken: AppError | undefined;
  #closed = false;
  #loaded: { readonly spec: ModelSpec; readonly provider: Provider } | undefined;
  /** Images run, and runs. */
  readonly executed = { images: 0, runs: 0 };

  /** `worker`: another program for it, in tests that make faults. `onRan` is told of every run. */
  constructor(
    worker = new URL('./session-worker.ts', import.meta.url),
    private readonly onRan: OnRan = () => {},
  ) {
    this.#worker = new Worker(worker);
    this.#worker.onmessage = (event: MessageEvent<WorkerAnswer>) => this.#settle(event.data);
    this.#worker.onerror = (event) => {
      this.#broken = new AppError(
        'INFERENCE_FAILED',
        `The session worker failed: ${event.message}`,
      );
      for (const { reject } of this.#waiting.values()) reject(this.#broken);
      this.#waiting.clear();
    };
  }

  /**
   * Why nothing more can be run in this process; undefined while it can. A failed run on a GPU may
   * have spoilt the CUDA context, and only a new process gets a new one.
   */
  get fault(): string | undefined {
    return this.#broken?.message;
  }

  /** `performance.now()` of the last sign of progress while a run is under way; else undefined. */
  get busySinceMs(): number | undefined {
    return this.#waiting.size === 0 || !this.#loaded ? undefined : this.#progressAt;
  }

  /** Loads and warms up, once. Throws MODEL_INVALID, MODEL_MEMORY_FULL. */
  async load(
    spec: ModelSpec,
    options: { readonly providers: readonly Provider[]; readonly threads: number },
  ): Promise<Loaded> {
    const answer = await this.#ask({ type: 'load', spec, ...options }, []);
    const loaded = answer as WorkerAnswer & { type: 'loaded' };
    this.#loaded = { spec, provider: loaded.provider };
    return loaded;
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
    const { spec } = this.#loaded;
    checkFeeds(spec.inputs, feeds);
    checkOutputs(spec.outputs, outputs);
    const images = feeds[0]?.dims[0] ?? 1;
    const answer = await this.#execute({ type: 'tensors', feeds, outputs }, movable(feeds), images);
    return answer as WorkerAnswer & { type: 'ran-tensors' };
  }

  /** After what runs: frees the session, then ends the Worker, which inside `run` would abort us. */
  async close(): Promise<void> {
    const freed = this.#ask({ type: 'unload' }, []);
    this.#closed = true;
    // A broken one has nothing left to free.
    await freed.catch(() => {});
    this.#worker.terminate();
  }

  async #execute(request: WithoutId<WorkerRequest>, transfer: ArrayBuffer[], images: number) {
    try {
      const answer = await this.#ask(request, transfer);
      this.executed.images += images;
      this.executed.runs++;
      const { inferenceMs } = answer as WorkerAnswer & { type: 'ran' | 'ran-tensors' };
      if (this.#loaded) this.onRan(this.#loaded.spec, images, inferenceMs);
      return answer;
    } catch (error) {
      if (error instanceof AppError && this.#loaded && this.#loaded.provider !== 'cpu')
        this.#broken ??= error;
      throw error;
    }
  }

  #ask(request: WithoutId<WorkerRequest>, transfer: ArrayBuffer[]): Promise<WorkerAnswer> {
    if (this.#broken) return Promise.reject(this.#broken);
    if (this.#closed) {
      return Promise.reject(new AppError('MODEL_UNAVAILABLE', 'The model has been unloaded.'));
    }
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<WorkerAnswer>();
    if (this.#waiting.size === 0) this.#progressAt = performance.now();
    this.#waiting.set(id, waiting);
    this.#worker.postMessage({ ...request, id }, transfer);
    return waiting.promise;
  }

  #settle(answer: WorkerAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    this.#progressAt = performance.now();
    if (answer.type !== 'failed') {
      waiting?.resolve(answer);
      return;
    }
    const code =
      isErrorCode(answer.code) && answer.code !== 'INTERNAL' ? answer.code : 'INFERENCE_FAILED';
    waiting?.reject(new AppError(code, answer.message));
  }
}
