/** A box that covers more cells than this is kept in a list of its own. */
const CELLS_MAX = 64;

/**
 * Finds stored boxes near a box in constant time: each is listed in the grid cells it covers.
 * Boxes are x1,y1,x2,y2 side by side; cells are twice the mean box, so that most cover one to four.
 */
export class BoxGrid {
  readonly #cells = new Map<number, number[]>();
  readonly #large: number[] = [];
  readonly #cell: number;
  readonly #seen: Uint32Array;
  #query = 0;

  constructor(private readonly boxes: Float32Array) {
    const count = boxes.length / 4;
    let sides = 0;
    for (let i = 0; i < boxes.length; i += 4) {
      sides += Math.abs(boxes[i + 2]! - boxes[i]!) + Math.abs(boxes[i + 3]! - boxes[i + 1]!);
    }
    const mean = count === 0 ? 1 : sides / (2 * count);
    this.#cell = Number.isFinite(mean) ? Math.max(1, 2 * mean) : 1;
    this.#seen = new Uint32Array(count);
  }

  add(index: number): void {
    const keys = this.#keys(index);
    if (keys === undefined) {
      this.#large.push(index);
      return;
    }
    for (const key of keys) {
      const cell = this.#cells.get(key);
      if (cell) cell.push(index);
      else this.#cells.set(key, [index]);
    }
  }

  /** Calls `visit` once for each stored box that may meet box `index`, until it answers true. */
  some(index: number, visit: (other: number) => boolean): boolean {
    const query = ++this.#query;
    const unseen = (other: number) => {
      if (this.#seen[other] === query) return false;
      this.#seen[other] = query;
      return visit(other);
    };
    if (this.#large.some(unseen)) return true;
    const keys = this.#keys(index);
    if (keys === undefined) {
      for (const cell of this.#cells.values()) if (cell.some(unseen)) return true;
      return false;
    }
    return keys.some((key) => this.#cells.get(key)?.some(unseen) ?? false);
  }

  /** Cells that the box covers; undefined if there are too many. */
  #keys(index: number): number[] | undefined {
    const x1 = Math.floor(this.boxes[4 * index]! / this.#cell);
    const y1 = Math.floor(this.boxes[4 * index + 1]! / this.#cell);
    const x2 = Math.floor(this.boxes[4 * index + 2]! / this.#cell);
    const y2 = Math.floor(this.boxes[4 * index + 3]! / this.#cell);
    if (!((x2 - x1 + 1) * (y2 - y1 + 1) <= CELLS_MAX)) return undefined;
    const keys: number[] = [];
    for (let y = y1; y <= y2; y++) {
      for (let x = x1; x <= x2; x++) keys.push(y * 0x100_0000 + x);
    }
    return keys;
  }
}
