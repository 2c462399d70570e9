import { AppError, isErrorCode } from '@demeter/common/errors';
import { type ModelSpec, modelKey } from './model-spec.ts';
import type {
  Loaded,
  LoadRequest,
  Provider,
  Ran,
  RunRequest,
  WorkerAnswer,
  WorkerRequest,
} from './session-protocol.ts';

/** `Omit` that keeps a union apart. */
type WithoutId<T> = T extends WorkerRequest ? Omit<T, 'id'> : never;

/**
 * The session worker as the main thread sees it. Requests are answered in order.
 *
 * A run that hangs cannot be ended but with the process: `busySinceMs` shows it, liveness fails,
 * and the supervisor kills the server.
 */
export class Sessions {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<WorkerAnswer>>();
  #nextId = 0;
  #progressAt = 0;
  #broken: AppError | undefined;
  readonly #onGpu = new Set<string>();

  /** `worker`: another program for it, in tests that make faults. */
  constructor(worker = new URL('./session-worker.ts', import.meta.url)) {
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

  /** `performance.now()` of the last sign of progress while a request is under way; else undefined. */
  get busySinceMs(): number | undefined {
    return this.#waiting.size === 0 ? undefined : this.#progressAt;
  }

  /** Loads and warms up. Throws MODEL_INVALID. */
  async load(
    spec: ModelSpec,
    options: { readonly providers: readonly Provider[]; readonly threads: number },
  ): Promise<Loaded> {
    const request: Omit<LoadRequest, 'id'> = {
      type: 'load',
      key: modelKey(spec),
      spec,
      ...options,
    };
    const loaded = (await this.#ask(request, [])) as WorkerAnswer & { type: 'loaded' };
    if (loaded.provider !== 'cpu') this.#onGpu.add(request.key);
    return loaded;
  }

  /** Takes the request's buffer and hands it back in the answer. Throws INFERENCE_FAILED. */
  async run(request: Omit<RunRequest, 'id' | 'type'>): Promise<Ran> {
    try {
      const answer = await this.#ask({ type: 'run', ...request }, [request.input.buffer]);
      return answer as WorkerAnswer & { type: 'ran' };
    } catch (error) {
      if (error instanceof AppError && this.#onGpu.has(request.key)) this.#broken ??= error;
      throw error;
    }
  }

  async unload(key: string): Promise<void> {
    await this.#ask({ type: 'unload', key }, []);
  }

  /** Only when nothing runs: ending a Worker inside `run` aborts the whole process. */
  close(): void {
    this.#worker.terminate();
  }

  #ask(request: WithoutId<WorkerRequest>, transfer: ArrayBuffer[]): Promise<WorkerAnswer> {
    if (this.#broken) return Promise.reject(this.#broken);
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
