import { Random } from './random.ts';
import { webCryptoBusy, webCryptoIdle } from './web-crypto.ts';

/**
 * Virtual time: a queue of events, and nothing else that moves it. After each event everything that
 * can go on does so (promises only: no real timer, file or socket is in play), then the next event
 * happens at once, whatever its time.
 *
 * Weeks are mostly waiting. Where nothing is under way, and nothing has happened for a while, the
 * clock leaps to the next thing that happens in the world (a photo is taken, a fault begins or
 * ends), and the box's own timers in between come late, as on a machine that was suspended.
 */

/** Who waits: the world, something under way, or a loop of the box. */
export type Kind = 'world' | 'io' | 'box';

export interface Timer {
  cancel(): void;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly kind: Kind;
  /** Null: cancelled. */
  fire: (() => void) | null;
}

/** Stays at full resolution so long after something has happened. */
const WINDOW_MS = 1_500;
/** A run that takes more events than this hangs somewhere. */
const EVENTS_MAX = 100_000;

export class World {
  readonly random: Random;
  readonly trace: string[] = [];
  /** Milliseconds since the run began. */
  now = 0;
  /** UTC milliseconds at `now` 0. */
  readonly beganAt = Date.UTC(2026, 2, 1);
  /** The same by the box's clock: moved by jumps. */
  wallAtStart = this.beganAt;
  events = 0;
  readonly #heap: Entry[] = [];
  #order = 0;
  #underWay = 0;
  #movedAt = 0;

  constructor(
    readonly seed: number,
    readonly traced: boolean,
  ) {
    this.random = new Random(seed);
  }

  note(text: string): void {
    if (this.traced) this.trace.push(`${(this.now / 1000).toFixed(3).padStart(12)} ${text}`);
  }

  /** Something has got further: look closely for a while. */
  moved(): void {
    this.#movedAt = this.now;
  }

  after(ms: number, kind: Kind, fire: () => void): Timer {
    const entry: Entry = { at: this.now + ms, order: this.#order++, kind, fire };
    if (kind === 'io') this.#underWay++;
    push(this.#heap, entry);
    return {
      cancel: () => {
        if (entry.fire && kind === 'io') this.#underWay--;
        entry.fire = null;
      },
    };
  }

  /** Runs events until `done`, or until there are none. */
  async run(done: () => boolean): Promise<void> {
    for (;;) {
      await turn();
      if (webCryptoBusy()) {
        await webCryptoIdle();
        continue;
      }
      if (done()) return;
      const entry = this.#next();
      if (!entry) return;
      if (++this.events > EVENTS_MAX) return;
      this.now = Math.max(this.now, entry.at);
      if (entry.kind === 'world') this.moved();
      const { fire } = entry;
      entry.fire = null;
      fire?.();
    }
  }

  #next(): Entry | undefined {
    const entry = popLive(this.#heap);
    if (!entry) return undefined;
    if (entry.kind === 'io') this.#underWay--;
    const quiet = this.#underWay === 0 && entry.at - this.#movedAt > WINDOW_MS;
    if (entry.kind === 'box' && quiet) {
      const next = this.#heap
        .filter(({ kind, fire }) => kind === 'world' && fire)
        .reduce((at, other) => Math.min(at, other.at), Number.POSITIVE_INFINITY);
      if (next !== Number.POSITIVE_INFINITY) {
        this.now = Math.max(this.now, next);
        this.#movedAt = this.now;
      }
    }
    return entry;
  }
}

/** Until all promises that can be settled are. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const before = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(entry, heap[parent] as Entry)) break;
    heap[at] = heap[parent] as Entry;
    at = parent;
  }
  heap[at] = entry;
}

function popLive(heap: Entry[]): Entry | undefined {
  for (;;) {
    const top = pop(heap);
    if (!top || top.fire) return top;
  }
}

function pop(heap: Entry[]): Entry | undefined {
  const [top] = heap;
  const last = heap.pop();
  if (!top || !last || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
    if (!before(heap[child] as Entry, last)) break;
    heap[at] = heap[child] as Entry;
    at = child;
  }
  heap[at] = last;
  return top;
}
