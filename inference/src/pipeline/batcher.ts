import type { Setup } from '../model/calibrate.ts';
import type { Ask, Candidates } from '../model/layouts/layout.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import type { ImageBuffer, Ran, RanTensors } from '../model/session-protocol.ts';
import type { Sessions } from '../model/sessions.ts';
import type { NamedTensor } from '../model/tensors.ts';
import type { Size } from './geometry.ts';

/** One image for the model; `fill` writes it just before it runs, so that waiting costs no memory. */
export interface TileJob {
  /** 0 is served first. */
  readonly lane: number;
  readonly ask: Ask;
  readonly signal: AbortSignal;
  /** Size of the image; only images of one size share a batch. */
  readonly canvas: Size;
  /** Writes what the model takes: NCHW float32 as `spec.input.pixels` asks, or NHWC bytes in RGB. */
  readonly fill: (target: Float32Array | Uint8Array) => void;
}

export interface TileResult {
  readonly candidates: Candidates;
  /** This image's share of its batch. */
  readonly inferenceMs: number;
  readonly fillMs: number;
}

/** Tensors that a client has made itself: a run of their own. */
export interface TensorsJob {
  readonly feeds: readonly NamedTensor[];
  /** Outputs wanted; none named: all. */
  readonly outputs: readonly string[];
  readonly signal: AbortSignal;
}

interface WaitingTensors {
  readonly job: TensorsJob;
  readonly answer: PromiseWithResolvers<RanTensors>;
  /** Lets go of them where they still wait. */
  readonly onAbort: () => void;
}

interface Waiting {
  readonly job: TileJob;
  readonly answer: PromiseWithResolvers<TileResult>;
  fillMs: number;
}

/** While live photos are counted, bulk and tensors each run once in this time: they do not starve. */
const BULK_EVERY_MS = 500;

/** The lane of photos that somebody waits for. */
export function isLive(lane: number): boolean {
  return lane === 0;
}

/**
 * Feeds one model without pause: whatever tiles wait, of whatever photos, go into the next batch,
 * as soon as the session has room. Batch sizes are few and fixed, because varying shapes make the
 * GPU's arena grow. The queue is bounded by the photos and requests admitted; what is cancelled is
 * dropped unrun.
 *
 * Live tiles go first; clients' tensors and the tiles of bulk take turns behind them. Where live
 * tiles always wait, tensors are let through now and then, since their client waits too.
 */
export class Batcher {
  readonly #lanes = new Map<number, Waiting[]>();
  readonly #tensors = new Set<WaitingTensors>();
  #tensorsNext = true;
  /** End of the last run of tensors; infinite while one is under way. */
  #tensorsAt = Number.NEGATIVE_INFINITY;
  /** Buffers to use again, the one given back last at the end. */
  readonly #spare: ImageBuffer[] = [];
  #underWay = 0;
  /** Live photos that are being counted, some of them between two tiles. */
  #live = 0;
  #bulkAt = Number.NEGATIVE_INFINITY;
  #later: Timer | undefined;

  constructor(
    private readonly sessions: Pick<Sessions, 'run' | 'runTensors'>,
    private readonly spec: Pick<ModelSpec, 'input'>,
    private readonly setup: Pick<Setup, 'batchSizes' | 'sessions' | 'takesPixels'>,
    private readonly bulkEveryMs = BULK_EVERY_MS,
  ) {}

  /** Resolves when the tile has run. Throws the signal's reason, or INFERENCE_FAILED. */
  submit(job: TileJob): Promise<TileResult> {
    const waiting: Waiting = { job, answer: Promise.withResolvers(), fillMs: 0 };
    const lane = this.#lanes.get(job.lane);
    if (lane) lane.push(waiting);
    else this.#lanes.set(job.lane, [waiting]);
    // After the caller has submitted the rest of its tiles.
    queueMicrotask(() => this.#pump());
    return waiting.answer.promise;
  }

  /**
   * Resolves when the tensors have run, which moves away what they hold. Throws the signal's reason
   * as soon as it aborts before their turn, and what Sessions.runTensors throws.
   */
  async runTensors(job: TensorsJob): Promise<RanTensors> {
    job.signal.throwIfAborted();
    const answer = Promise.withResolvers<RanTensors>();
    const onAbort = () => {
      this.#tensors.delete(waiting);
      answer.reject(job.signal.reason);
    };
    const waiting: WaitingTensors = { job, answer, onAbort };
    this.#tensors.add(waiting);
    job.signal.addEventListener('abort', onAbort);
    this.#pump();
    return await answer.promise;
  }

  /** While `work` counts a live photo, the others leave it the processor between its tiles too. */
  async ahead<T>(work: () => Promise<T>): Promise<T> {
    this.#live++;
    try {
      return await work();
    } finally {
      this.#live--;
      this.#pump();
    }
  }

  #pump(): void {
    while (this.#underWay < this.#underWayMax()) {
      const running = this.#next();
      if (running === undefined) return;
      this.#underWay++;
      void running.finally(() => {
        this.#underWay--;
        this.#pump();
      });
    }
  }

  /**
   * Each session runs one batch. For live photos one more is filled meanwhile; the others send none
   * ahead, so that a live photo waits for one run of theirs at most. Tensors alone do, as long as no
   * live photo is here: one that comes then is decoded first, which takes as long.
   */
  #underWayMax(): number {
    const onlyTensors = this.#lanes.size === 0 && this.#live === 0;
    return this.setup.sessions + (this.#hasLive() || onlyTensors ? 1 : 0);
  }

  #hasLive(): boolean {
    return [...this.#lanes.keys()].some(isLive);
  }

  /** Begins the next run; undefined: nothing may run now. */
  #next(): Promise<void> | undefined {
    const tiles = () => {
      const batch = this.#take();
      return batch.length > 0 ? this.#run(batch) : undefined;
    };
    const tensors = () => {
      const first = this.#takeTensors();
      return first && this.#runTensors(first);
    };
    const tensorsDue = performance.now() - this.#tensorsAt >= this.bulkEveryMs;
    const tilesFirst = this.#hasLive() ? !tensorsDue : !this.#tensorsNext;
    return tilesFirst ? (tiles() ?? tensors()) : (tensors() ?? tiles());
  }

  /** Whether bulk tiles wait now; then they are looked at again in time. */
  #holdsBulk(): boolean {
    const leftMs = this.#bulkAt + this.bulkEveryMs - performance.now();
    if (this.#live === 0 || leftMs <= 0) return false;
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#pump();
    }, leftMs);
    return true;
  }

  async #runTensors({ job, answer }: WaitingTensors): Promise<void> {
    this.#tensorsNext = false;
    this.#tensorsAt = Number.POSITIVE_INFINITY;
    try {
      answer.resolve(await this.sessions.runTensors(job.feeds, job.outputs));
    } catch (error) {
      answer.reject(error);
    } finally {
      this.#tensorsAt = performance.now();
    }
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    this.#tensorsNext = true;
    try {
      const ran = await this.sessions.run(this.#fill(batch));
      this.#giveBack(ran.input);
      this.#answer(batch, ran);
    } catch (error) {
      for (const { answer } of batch) answer.reject(error);
    }
  }

  #fill(batch: readonly Waiting[]) {
    const size = this.setup.batchSizes.find((each) => each >= batch.length) ?? batch.length;
    const { width, height } = batch[0]!.job.canvas;
    const imageLength = this.spec.input.channels * width * height;
    const length = size * imageLength;
    const input = this.#buffer(length);
    for (const [index, waiting] of batch.entries()) {
      const started = performance.now();
      waiting.job.fill(input.subarray(index * imageLength, (index + 1) * imageLength));
      waiting.fillMs = performance.now() - started;
    }
    const asks = batch.map(({ job }) => job.ask);
    return { input, batch: size, width, height, asks };
  }

  #buffer(length: number): ImageBuffer {
    const at = this.#spare.findLastIndex((each) => each.length === length);
    const [spare] = at < 0 ? [] : this.#spare.splice(at, 1);
    return spare ?? new (this.setup.takesPixels ? Uint8Array : Float32Array)(length);
  }

  /** As many are kept as can be under way, of each batch size: images of an open size are many sizes. */
  #giveBack(buffer: ImageBuffer): void {
    this.#spare.push(buffer);
    const { sessions, batchSizes } = this.setup;
    if (this.#spare.length > (sessions + 1) * batchSizes.length) this.#spare.shift();
  }

  #answer(batch: readonly Waiting[], ran: Ran): void {
    const inferenceMs = ran.inferenceMs / batch.length;
    for (const [index, { answer, fillMs }] of batch.entries()) {
      answer.resolve({ candidates: ran.candidates[index]!, inferenceMs, fillMs });
    }
  }

  #takeTensors(): WaitingTensors | undefined {
    const [first] = this.#tensors;
    if (first === undefined) return undefined;
    this.#tensors.delete(first);
    first.job.signal.removeEventListener('abort', first.onAbort);
    return first;
  }

  /** The first tile in line, and with it those of its size, up to the largest batch. */
  #take(): Waiting[] {
    const max = this.setup.batchSizes.at(-1) ?? 1;
    const batch: Waiting[] = [];
    for (const key of [...this.#lanes.keys()].sort((a, b) => a - b)) {
      if (!isLive(key) && this.#holdsBulk()) break;
      const rest: Waiting[] = [];
      for (const waiting of this.#lanes.get(key) ?? []) {
        const { signal, canvas } = waiting.job;
        const first = batch[0]?.job.canvas ?? canvas;
        const fits = first.width === canvas.width && first.height === canvas.height;
        if (signal.aborted) waiting.answer.reject(signal.reason);
        else if (batch.length < max && fits) batch.push(waiting);
        else rest.push(waiting);
      }
      if (rest.length === 0) this.#lanes.delete(key);
      else this.#lanes.set(key, rest);
      if (!isLive(key) && batch.length > 0) this.#bulkAt = performance.now();
    }
    return batch;
  }
}
