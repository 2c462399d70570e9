import type { Result } from '@demeter/proto';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const MINUTE_MS = 60_000;
/** Photos whose times make the percentiles. */
const RECENT_MAX = 512;
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
  /** Ring of [end of the photo, its tiles, inference per tile in ms]. */
  #recent: { readonly at: number; readonly tiles: number; readonly tileMs: number }[] = [];
  completed = 0;
  failed = 0;
  tiles = 0;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
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

  photoCounted({ timings, tiles = 0 }: Result): void {
    this.completed++;
    this.tiles += tiles;
    this.#photos.inc({ outcome: 'counted' });
    this.#tiles.inc(tiles);
    for (const [stage, ms] of Object.entries(timings ?? {})) {
      this.#duration.observe({ stage: stage.replace(/_ms$/, '') }, Number(ms) / 1000);
    }
    const tileMs = Number(timings?.inference_ms ?? 0) / Math.max(1, tiles);
    this.#recent.push({ at: performance.now(), tiles, tileMs });
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
  }

  photoFailed(code: string): void {
    this.failed++;
    this.#photos.inc({ outcome: code.toLowerCase() });
  }

  /** Over the last minute. */
  get tilesPerSecond(): number {
    const since = performance.now() - MINUTE_MS;
    const tiles = this.#recent.reduce((sum, p) => sum + (p.at >= since ? p.tiles : 0), 0);
    return tiles / (MINUTE_MS / 1000);
  }

  /** Milliseconds of inference a tile, over the last photos; 0 before the first. */
  inferenceMs(quantile: number): number {
    const sorted = this.#recent.map((p) => p.tileMs).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0;
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
