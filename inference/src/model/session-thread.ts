import { AppError, isErrorCode } from '@demeter/common/errors';
import type { WorkerAnswer, WorkerRequest } from './session-protocol.ts';

/** `Omit` that keeps a union apart. */
export type WithoutId<T> = T extends WorkerRequest ? Omit<T, 'id'> : never;

/**
 * One session in a Worker of its own, as the main thread sees it. Requests are answered in order.
 *
 * working → spoilt (its device has failed: what waits is answered, and it can be closed) or gone
 * (the Worker itself has failed).
 */
export class SessionThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<WorkerAnswer>>();
  #nextId = 0;
  #progressAt = 0;
  #spoilt: AppError | undefined;
  #gone: AppError | undefined;

  /** `onBroken` is told when it runs nothing more. */
  constructor(
    worker: URL,
    private readonly onBroken: () => void = () => {},
  ) {
    this.#worker = new Worker(worker);
    this.#worker.onmessage = (event: MessageEvent<WorkerAnswer>) => this.#settle(event.data);
    this.#worker.onerror = (event) => {
      const error = new AppError('INFERENCE_FAILED', `The session worker failed: ${event.message}`);
      this.#gone = error;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
      this.onBroken();
    };
  }

  /** Why it runs nothing more. */
  get broken(): AppError | undefined {
    return this.#gone ?? this.#spoilt;
  }

  /** Requests under way. */
  get load(): number {
    return this.#waiting.size;
  }

  /** `performance.now()` of the last sign of progress while a request is under way. */
  get busySinceMs(): number | undefined {
    return this.#waiting.size === 0 ? undefined : this.#progressAt;
  }

  /** Throws what the worker says, or how it broke. */
  ask<T extends WorkerAnswer['type']>(
    request: WithoutId<WorkerRequest>,
    transfer: ArrayBuffer[] = [],
  ): Promise<WorkerAnswer & { type: T }> {
    const refusal = request.type === 'unload' ? this.#gone : this.broken;
    if (refusal) return Promise.reject(refusal);
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<WorkerAnswer>();
    if (this.#waiting.size === 0) this.#progressAt = performance.now();
    this.#waiting.set(id, waiting);
    this.#worker.postMessage({ ...request, id }, transfer);
    return waiting.promise as Promise<WorkerAnswer & { type: T }>;
  }

  /** After what runs: frees the session, then ends the Worker, which inside `run` would abort us. */
  async close(): Promise<void> {
    // One that is gone has nothing left to free.
    await this.ask({ type: 'unload' }).catch(() => {});
    this.#worker.terminate();
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
    const error = new AppError(code, answer.message);
    if (answer.deviceFault) {
      this.#spoilt ??= error;
      this.onBroken();
    }
    waiting?.reject(error);
  }
}
