import {
  type Concurrency,
  nextConcurrency,
  START,
  type Window,
  windowPhotos,
} from './concurrency.ts';
import { Gate } from './gate.ts';

/**
 * How many photos travel at the same time, learnt from those that did while there was a backlog: so
 * many are put. As many more are being asked for or wait with their grants, and as many are being
 * registered, so that the link never waits for an answer of the core's.
 */
export class Busy {
  readonly asking: Gate;
  readonly putting: Gate;
  readonly registering: Gate;
  #concurrency: Concurrency = START;
  #photos = 0;
  #bytes = 0;
  #since: number | null = null;

  constructor(
    private readonly max: number,
    /** Monotonic milliseconds. */
    private readonly now: () => number,
    /** Another photo may ask. */
    onAsked: () => void,
  ) {
    const limit = () => this.limit;
    this.asking = new Gate(limit, onAsked);
    this.putting = new Gate(limit);
    this.registering = new Gate(limit);
  }

  get limit(): number {
    return Math.min(this.#concurrency.limit, this.max);
  }

  /** The bytes of a photo begin to travel. */
  begun(): void {
    this.#since ??= this.now();
  }

  /** They have arrived. */
  sent(bytes: number): void {
    // Begun before a pause.
    if (this.#since === null) return;
    this.#photos++;
    this.#bytes += bytes;
    if (this.#photos >= windowPhotos(this.#concurrency)) this.#end(false);
  }

  failed(): void {
    this.#end(true);
  }

  /** Nothing to send: what a link does that is not used says nothing. */
  pause(): void {
    this.#begin(null);
  }

  /** After an outage nothing is known of the link any more. */
  restart(): void {
    this.#concurrency = START;
    this.#begin(null);
  }

  #end(failed: boolean): void {
    const ms = this.#since === null ? 0 : this.now() - this.#since;
    const window: Window = { bytes: this.#bytes, ms, failed };
    this.#concurrency = nextConcurrency(this.#concurrency, window, this.max);
    this.#begin(this.now());
  }

  #begin(at: number | null): void {
    this.#photos = 0;
    this.#bytes = 0;
    this.#since = at;
  }
}
