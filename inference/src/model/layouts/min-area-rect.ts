/** A rotated box: centre x, centre y, width, height, angle in radians. */
export type Rotated = readonly [
  cx: number,
  cy: number,
  width: number,
  height: number,
  angle: number,
];

type Point = readonly [x: number, y: number];

/**
 * The rotated box of least area around points; one of its sides lies on a side of their convex hull.
 * The angle is in (−π/4, π/4], so that width is what lies across. Pure.
 */
export function minAreaRect(points: readonly Point[]): Rotated {
  const hull = convexHull(points);
  let best: Rotated = [0, 0, 0, 0, 0];
  let least = Number.POSITIVE_INFINITY;
  for (const [i, [x, y]] of hull.entries()) {
    const [nextX, nextY] = hull[(i + 1) % hull.length]!;
    const quarter = Math.PI / 2;
    const along = Math.atan2(nextY - y, nextX - x);
    // A rectangle turned by a quarter is itself: the turn nearest to upright.
    const angle = along - Math.round(along / quarter) * quarter;
    const rect = around(hull, angle);
    const area = rect[2] * rect[3];
    if (area < least) {
      least = area;
      best = rect;
    }
  }
  return best;
}

function around(points: readonly Point[], angle: number): Rotated {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const across = points.map(([x, y]) => x * cos + y * sin);
  const down = points.map(([x, y]) => y * cos - x * sin);
  const [left, right] = [Math.min(...across), Math.max(...across)];
  const [top, bottom] = [Math.min(...down), Math.max(...down)];
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return [x * cos - y * sin, x * sin + y * cos, right - left, bottom - top, angle];
}

/** Andrew's monotone chain. */
function convexHull(points: readonly Point[]): readonly Point[] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: readonly Point[]) => {
    const chain: Point[] = [];
    for (const p of list) {
      while (chain.length >= 2 && turn(chain.at(-2)!, chain.at(-1)!, p) <= 0) chain.pop();
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  const hull = [...half(sorted), ...half(sorted.toReversed())];
  return hull.length === 0 ? sorted.slice(0, 1) : hull;
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
