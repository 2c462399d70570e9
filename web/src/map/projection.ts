/** Rings of positions, longitude and latitude in degrees (WGS 84), as in GeoJSON. */
export interface Polygon {
  readonly coordinates: readonly (readonly (readonly number[])[])[];
}

export interface Bounds {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

type Point = readonly [x: number, y: number];

/** Metres in a degree of latitude (mean of WGS 84); of longitude times the cosine of latitude. */
const METRES_PER_DEGREE = 111_195;

export interface Projection {
  /** Degrees to metres on a plane around the origin, x to the east, y to the south. */
  toPlane(position: readonly number[]): Point;
}

/** Flat enough for a nursery: below 0.1 % off within 10 km of the origin. */
export function createProjection(origin: readonly number[]): Projection {
  const [lon0 = 0, lat0 = 0] = origin;
  const metresPerLon = METRES_PER_DEGREE * Math.cos((lat0 * Math.PI) / 180);
  return {
    toPlane: ([lon = 0, lat = 0]) => [
      (lon - lon0) * metresPerLon,
      (lat0 - lat) * METRES_PER_DEGREE,
    ],
  };
}

/** SVG path data of all rings; centimetres are enough. */
export function toPath(polygon: Polygon, projection: Projection): string {
  return polygon.coordinates
    .map((ring) => {
      const points = ring.map((position) => projection.toPlane(position).map(round).join(' '));
      return `M${points.join('L')}Z`;
    })
    .join('');
}

/** Of outer rings, on the plane. Undefined where there are none. */
export function boundsOf(polygons: readonly Polygon[], projection: Projection): Bounds | undefined {
  const points = polygons.flatMap((polygon) =>
    (polygon.coordinates[0] ?? []).map((position) => projection.toPlane(position)),
  );
  if (points.length === 0) return undefined;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return {
    minX: Math.min(...xs),
    minY: Math.min(...ys),
    maxX: Math.max(...xs),
    maxY: Math.max(...ys),
  };
}

/** `viewBox` of the bounds with a margin (share of the longer side). */
export function toViewBox(bounds: Bounds, margin: number): string {
  const width = bounds.maxX - bounds.minX;
  const height = bounds.maxY - bounds.minY;
  const pad = Math.max(width, height) * margin;
  return [bounds.minX - pad, bounds.minY - pad, width + 2 * pad, height + 2 * pad]
    .map(round)
    .join(' ');
}

/** Where a label goes: the middle of the outer ring's area. */
export function labelPoint(polygon: Polygon, projection: Projection): Point {
  const ring = (polygon.coordinates[0] ?? []).map((position) => projection.toPlane(position));
  let doubled = 0;
  let x = 0;
  let y = 0;
  for (const [index, [x1, y1]] of ring.entries()) {
    const [x2, y2] = ring[(index + 1) % ring.length]!;
    const cross = x1 * y2 - x2 * y1;
    doubled += cross;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  }
  if (doubled === 0) return ring[0] ?? [0, 0];
  return [x / (3 * doubled), y / (3 * doubled)];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
