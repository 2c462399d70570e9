import { isLive } from '../pipeline/batcher.ts';

/** One photo's work, from its arrival to its answer. */
export interface QueuedPhoto {
  /** 0 is served first. */
  readonly lane: number;
  readonly run: () => Promise<void>;
  /** Called instead of `run` when the queue is drained before the photo's turn. */
  readonly handBack: () => void;
}

/**
 * Photos wait encoded, which is small; only a few are decoded at a time, which is not. While the
 * tiles of one are inferred, the next one is decoded. Live photos (lane 0) have places of their own:
 * none of them waits until one of many tiles is done, and bulk never holds them all.
 */
export class PhotoQueue {
  readonly #lanes = new Map<number, QueuedPhoto[]>();
  readonly #active = new Map<Promise<void>, boolean>();
  readonly #addedAt = new WeakMap<QueuedPhoto, number>();
  #draining = false;

  constructor(
    /** Of live photos, and as many of the others. */
    private readonly activeMax: number,
    private readonly onChange: () => void,
  ) {}

  get waiting(): number {
    return this.#lanes.values().reduce((sum, lane) => sum + lane.length, 0);
  }

  /** How long the one that has waited longest waits, in milliseconds; 0: none does. */
  get oldestMs(): number {
    const added = [...this.#lanes.values()].flat().map((photo) => this.#addedAt.get(photo) ?? 0);
    return added.length === 0 ? 0 : performance.now() - Math.min(...added);
  }

  get active(): number {
    return this.#active.size;
  }

  add(photo: QueuedPhoto): void {
    if (this.#draining) {
      photo.handBack();
      return;
    }
    this.#addedAt.set(photo, performance.now());
    const lane = this.#lanes.get(photo.lane);
    if (lane) lane.push(photo);
    else this.#lanes.set(photo.lane, [photo]);
    this.#pump();
  }

  /** True if it was still waiting; then it is never run. */
  remove(photo: QueuedPhoto): boolean {
    const lane = this.#lanes.get(photo.lane);
    const index = lane?.indexOf(photo) ?? -1;
    if (index < 0) return false;
    lane?.splice(index, 1);
    this.onChange();
    return true;
  }

  /** Hands back what waits; resolves when what runs is done. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const lane of this.#lanes.values()) for (const photo of lane.splice(0)) photo.handBack();
    await Promise.all(this.#active.keys());
  }

  #pump(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const done = next.run().finally(() => {
        this.#active.delete(done);
        this.#pump();
      });
      this.#active.set(done, isLive(next.lane));
    }
    this.onChange();
  }

  /** The first in line that has a place. */
  #next(): QueuedPhoto | undefined {
    for (const key of [...this.#lanes.keys()].sort((a, b) => a - b)) {
      const live = isLive(key);
      const taken = this.#active.values().reduce((sum, each) => sum + Number(each === live), 0);
      if (taken >= this.activeMax) continue;
      const photo = this.#lanes.get(key)?.shift();
      if (photo) return photo;
      this.#lanes.delete(key);
    }
    return undefined;
  }
}
