import type { Result } from '@demeter/proto';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { Rate } from './rate.ts';
import { Statistics } from './statistics.ts';
import { addModelMetrics } from './triton-metrics.ts';

/** Photos whose times make the percentiles. */
const RECENT_MAX = 512;
const BATCHES = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64];
const SECONDS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

/** What happens in a server, counted for metrics and the health report. */
export class Events {
  readonly registry = new Registry();
  readonly #photos = this.#counter('demeter_inference_photos_total', 'Photos answered.', [
    'outcome',
  ]);
  readonly #tiles = this.#counter('demeter_inference_tiles_total', 'Tiles run.', []);
  readonly #duration = new Histogram({
    name: 'demeter_ml_inference_duration_seconds',
    help: 'Time that one photo takes from its arrival to its answer, by stage.',
    labelNames: ['stage'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #batch = new Histogram({
    name: 'demeter_inference_batch_size',
    help: 'Images in one run of a session.',
    labelNames: ['model', 'version'],
    buckets: BATCHES,
    registers: [this.registry],
  });
  readonly statistics = new Statistics();
  readonly #photoRate = new Rate();
  readonly #tileRate = new Rate();
  /** The last photos: inference per tile and time in the queue, in ms. */
  readonly #recent: { tileMs: number; queueMs: number }[] = [];
  completed = 0;
  failed = 0;
  tiles = 0;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    addModelMetrics(this.registry, this.statistics);
  }

  /** A value that is read when metrics are. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** 1 with the labels that hold when metrics are read. */
  info(name: string, help: string, labelNames: string[], read: () => Record<string, string>): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        this.set(read(), 1);
      },
    });
  }

  /** One run of a model's session. */
  executed(model: { name: string; version: string }, images: number, inferMs: number): void {
    this.statistics.of(model).executed(images, inferMs);
    this.#batch.observe({ model: model.name, version: model.version }, images);
  }

  photoCounted({ timings, tiles = 0 }: Result): void {
    this.completed++;
    this.tiles += tiles;
    this.#photos.inc({ outcome: 'counted' });
    this.#tiles.inc(tiles);
    this.#photoRate.add(1);
    this.#tileRate.add(tiles);
    for (const [stage, ms] of Object.entries(timings ?? {})) {
      this.#duration.observe({ stage: stage.replace(/_ms$/, '') }, Number(ms) / 1000);
    }
    const tileMs = Number(timings?.inference_ms ?? 0) / Math.max(1, tiles);
    const queueMs = Number(timings?.queue_ms ?? 0);
    this.#recent.push({ tileMs, queueMs });
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
  }

  photoFailed(code: string): void {
    this.failed++;
    this.#photos.inc({ outcome: code.toLowerCase() });
  }

  /** Over the last minute. */
  get tilesPerSecond(): number {
    return this.#tileRate.perSecond();
  }

  /** Over the last minute. */
  get photosPerSecond(): number {
    return this.#photoRate.perSecond();
  }

  /** Milliseconds of inference a tile, over the last photos; 0 before the first. */
  inferenceMs(quantile: number): number {
    return quantileOf(
      this.#recent.map(({ tileMs }) => tileMs),
      quantile,
    );
  }

  /** Milliseconds that photos waited, over the last photos; 0 before the first. */
  queueMs(quantile: number): number {
    return quantileOf(
      this.#recent.map(({ queueMs }) => queueMs),
      quantile,
    );
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}

function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0;
}
