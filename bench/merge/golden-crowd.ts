/** mulberry32, the generator that ../shared/data/golden/nms names. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Crowded boxes of one class: rows of x1, y1, x2, y2, score. */
export function goldenCrowd(options: { count: number; size: number; seed: number }): Float32Array {
  const { count, size, seed } = options;
  const next = generator(seed);
  const rows = new Float32Array(count * 5);
  for (let i = 0; i < count; i++) {
    const x = next() % (8 * size);
    const y = next() % (8 * size);
    const w = 128 + (next() % 513);
    const h = 128 + (next() % 513);
    rows.set([x / 8, y / 8, (x + w) / 8, (y + h) / 8, (next() >>> 8) / 2 ** 24], 5 * i);
    // The class, of which there is one.
    next();
  }
  return rows;
}
