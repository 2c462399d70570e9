import { AppError } from '@demeter/common/errors';
import { type RawBuilder, sql } from 'kysely';
import type { Handle } from './database.ts';

/** GeoJSON, SRID 4326, longitude before latitude. */
export interface Point {
  readonly type: 'Point';
  readonly coordinates: readonly [number, number];
}

export interface Polygon {
  readonly type: 'Polygon';
  /** Closed rings: the outer one, then holes. */
  readonly coordinates: readonly (readonly (readonly [number, number])[])[];
}

/** Eight decimals of a degree are about a millimetre. */
const DECIMALS = 8;

/** A GeoJSON value as a geometry to write. */
export function geometryOf(value: Point | Polygon): RawBuilder<string> {
  return sql<string>`ST_SetSRID(ST_GeomFromGeoJSON(${JSON.stringify(value)}::text), 4326)`;
}

/** A geometry column as GeoJSON to read; null stays null. */
export function asGeoJson<T extends Point | Polygon | null>(column: string): RawBuilder<T> {
  return sql<T>`ST_AsGeoJSON(${sql.ref(column)}, ${sql.lit(DECIMALS)})::json`;
}

/** Refuses what is no closed, simple polygon. Throws INVALID_GEOMETRY with the reason. */
export async function checkPolygon(db: Handle, polygon: Polygon): Promise<void> {
  const reason = await polygonFault(db, polygon);
  if (reason) throw new AppError('INVALID_GEOMETRY', reason, { field: 'polygon' });
}

async function polygonFault(db: Handle, polygon: Polygon): Promise<string | undefined> {
  for (const ring of polygon.coordinates) {
    const first = ring[0];
    const last = ring.at(-1);
    if (ring.length < 4) return 'A ring of the polygon has fewer than four points.';
    if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) return 'The polygon is not closed.';
    const outside = ring.some(([lon, lat]) => Math.abs(lon) > 180 || Math.abs(lat) > 90);
    if (outside) return 'Coordinates are longitude (±180), then latitude (±90).';
  }
  const { rows } = await sql<{ reason: string; area: number }>`
    select ST_IsValidReason(g) as reason, ST_Area(g) as area
      from (select ${geometryOf(polygon)} as g) as given`.execute(db);
  const [row] = rows;
  if (row?.reason !== 'Valid Geometry') return `The polygon is not simple: ${row?.reason}.`;
  return row.area > 0 ? undefined : 'The polygon has no area.';
}
