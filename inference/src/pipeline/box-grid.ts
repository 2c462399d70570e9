/** Boxes of one size class, by their centres: the first of each cell, the rest chained. */
interface Level {
  /** Longest side of a box here, at most. */
  readonly side: number;
  readonly cell: number;
  readonly columns: number;
  /** Index of the box that came last to a cell; -1: none. */
  readonly heads: Int32Array;
}

/**
 * How far apart, on one axis, the centres of two boxes may lie for the pair to matter: `own` is the
 * side of the box asked about, `other` that of a stored one. Must not fall as `other` grows.
 */
export type Reach = (own: number, other: number) => number;

/** Boxes that share a pixel. */
const touching: Reach = (own, other) => (own + other) / 2;

/** Cells of a level, at most so many times the boxes: one tiny box must not ask for millions. */
const CELLS_PER_BOX = 4;
/** Finer cells hold fewer boxes out of reach, and take longer to walk (33,000 boxes: 4 to 6 best). */
const CELLS_PER_SIDE = 4;
/** Centres are rounded; a pair just at its reach is still looked at. */
const SLACK = 1e-9;

/**
 * Finds stored boxes near a box without looking at the others. Boxes are x1,y1,x2,y2 side by side.
 * Each stands in the cell of its centre, in a grid for its size class (powers of two), so that few
 * large boxes among many small ones cost nothing. A box that is not finite is never found.
 */
export class BoxGrid {
  readonly #levels = new Map<number, Level>();
  readonly found: Int32Array;
  readonly #next: Int32Array;
  readonly #left: number;
  readonly #top: number;
  readonly #extent: number;

  constructor(private readonly boxes: Float32Array) {
    const count = boxes.length / 4;
    this.#next = new Int32Array(count).fill(-1);
    this.found = new Int32Array(count);
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    const sides = new Map<number, number>();
    for (let index = 0; index < count; index++) {
      const side = this.#side(index);
      const x = this.#x(index);
      const y = this.#y(index);
      if (!Number.isFinite(x + y + side)) continue;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
      const power = sizeClass(side);
      sides.set(power, Math.max(side, sides.get(power) ?? 0));
    }
    this.#left = left;
    this.#top = top;
    this.#extent = Math.max(right - left, bottom - top, 1);
    for (const [power, side] of sides) this.#levels.set(power, this.#level(side));
  }

  add(index: number): void {
    const level = this.#levels.get(sizeClass(this.#side(index)));
    if (level === undefined) return;
    const row = Math.floor((this.#y(index) - this.#top) / level.cell);
    const column = Math.floor((this.#x(index) - this.#left) / level.cell);
    const at = row * level.columns + column;
    this.#next[index] = level.heads[at]!;
    level.heads[at] = index;
  }

  /**
   * Finds the stored boxes whose centre is within `reach` of box `index`, and maybe some beyond:
   * the first so many of `found`, once each, valid until the next call. Near-linear over all boxes
   * as long as few of them lie in reach of one.
   */
  near(index: number, reach: Reach = touching): number {
    const { boxes, found } = this;
    const next = this.#next;
    const i = 4 * index;
    const x = (boxes[i]! + boxes[i + 2]!) / 2 - this.#left;
    const y = (boxes[i + 1]! + boxes[i + 3]!) / 2 - this.#top;
    const width = boxes[i + 2]! - boxes[i]!;
    const height = boxes[i + 3]! - boxes[i + 1]!;
    let count = 0;
    for (const { side, cell, columns, heads } of this.#levels.values()) {
      const farX = reach(width, side) + SLACK * this.#extent;
      const farY = reach(height, side) + SLACK * this.#extent;
      const firstColumn = Math.max(0, Math.floor((x - farX) / cell));
      const lastColumn = Math.min(columns - 1, Math.floor((x + farX) / cell));
      const firstRow = Math.max(0, Math.floor((y - farY) / cell));
      const lastRow = Math.min(columns - 1, Math.floor((y + farY) / cell));
      for (let row = firstRow; row <= lastRow; row++) {
        for (let column = firstColumn; column <= lastColumn; column++) {
          let other = heads[row * columns + column]!;
          for (; other >= 0; other = next[other]!) found[count++] = other;
        }
      }
    }
    return count;
  }

  /** Calls `visit` for each stored box near box `index` until it answers true. */
  some(index: number, visit: (other: number) => boolean): boolean {
    // A copy: `visit` may ask again.
    return this.found.slice(0, this.near(index)).some(visit);
  }

  #level(side: number): Level {
    const cell = Math.max(
      side / CELLS_PER_SIDE,
      this.#extent / Math.sqrt(CELLS_PER_BOX * this.#next.length),
    );
    const columns = Math.floor(this.#extent / cell) + 1;
    return { side, cell, columns, heads: new Int32Array(columns * columns).fill(-1) };
  }

  #x(index: number): number {
    return (this.boxes[4 * index]! + this.boxes[4 * index + 2]!) / 2;
  }

  #y(index: number): number {
    return (this.boxes[4 * index + 1]! + this.boxes[4 * index + 3]!) / 2;
  }

  /** The longer one. */
  #side(index: number): number {
    const i = 4 * index;
    const { boxes } = this;
    return Math.max(boxes[i + 2]! - boxes[i]!, boxes[i + 3]! - boxes[i + 1]!);
  }
}

function sizeClass(side: number): number {
  return Math.ceil(Math.log2(Math.max(side, 1)));
}
