/** Rotated boxes: centre x, centre y, width, height, angle in radians, side by side. */

/** The upright boxes around them, x1, y1, x2, y2. */
export function toHulls(rotated: Float32Array): Float32Array {
  const hulls = new Float32Array((rotated.length / 5) * 4);
  for (let k = 0; k < rotated.length / 5; k++) {
    const corners = toCorners(rotated.subarray(5 * k, 5 * k + 5));
    const xs = corners.filter((_, i) => i % 2 === 0);
    const ys = corners.filter((_, i) => i % 2 === 1);
    hulls.set([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], 4 * k);
  }
  return hulls;
}

/** x, y of its four corners, clockwise on the screen from the one that is upper left at angle 0. */
export function toCorners(rotated: ArrayLike<number>): number[] {
  const [cx = 0, cy = 0, width = 0, height = 0, angle = 0] = Array.from(rotated);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].flatMap(([x = 0, y = 0]) => {
    const across = (x * width) / 2;
    const down = (y * height) / 2;
    return [cx + across * cos - down * sin, cy + across * sin + down * cos];
  });
}
