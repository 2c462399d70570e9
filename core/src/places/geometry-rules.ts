import { AppError } from '@demeter/common/errors';
import { sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import { checkPolygon, geometryOf, type Polygon } from '../db/geometry.ts';

/**
 * Of a place's own area so much may lie outside its parent: lines drawn by hand or walked with a
 * GPS do not meet to the centimetre.
 */
const OUTSIDE_SHARE_MAX = 0.01;

export type PlaceTable = 'warehouses' | 'storage_areas' | 'storage_locations';

interface Level {
  readonly parent?: { readonly table: PlaceTable; readonly key: string };
  readonly child?: { readonly table: PlaceTable; readonly key: string };
}

export const LEVELS: Readonly<Record<PlaceTable, Level>> = {
  warehouses: { child: { table: 'storage_areas', key: 'warehouse_id' } },
  storage_areas: {
    parent: { table: 'warehouses', key: 'warehouse_id' },
    child: { table: 'storage_locations', key: 'storage_area_id' },
  },
  storage_locations: { parent: { table: 'storage_areas', key: 'storage_area_id' } },
};

export interface PlacedPolygon {
  readonly organisationId: string;
  readonly table: PlaceTable;
  readonly polygon: Polygon;
  /** Of the level above; undefined for a warehouse. */
  readonly parentId?: string | undefined;
  /** Of the place itself where it exists already: what lies in it must still do so. */
  readonly id?: string;
}

/**
 * The polygon is simple, lies in its parent, and holds its children. Throws INVALID_GEOMETRY,
 * NOT_FOUND (no such parent), PLACE_OUTSIDE_PARENT.
 */
export async function checkPlacedPolygon(db: Handle, placed: PlacedPolygon): Promise<void> {
  await checkPolygon(db, placed.polygon);
  await checkInParent(db, placed);
  await checkHoldsChildren(db, placed);
}

async function checkInParent(db: Handle, placed: PlacedPolygon): Promise<void> {
  const { parent } = LEVELS[placed.table];
  if (!parent) return;
  const { rows } = await sql<{ outside: number; retired: boolean }>`
    select ST_Area(ST_Difference(g, p.geom)) / ST_Area(g) as outside,
           p.retired_at is not null as retired
      from ${sql.table(parent.table)} p, (select ${geometryOf(placed.polygon)} as g) as given
     where p.organisation_id = ${placed.organisationId} and p.id = ${placed.parentId ?? null}
       for share of p`.execute(db);
  const [row] = rows;
  if (!row || row.retired) {
    throw new AppError('NOT_FOUND', 'The place that it should lie in is not there.', {
      field: parent.key,
    });
  }
  if (row.outside <= OUTSIDE_SHARE_MAX) return;
  throw outside(`${Math.ceil(row.outside * 100)} % of the polygon lie outside its parent.`);
}

async function checkHoldsChildren(db: Handle, placed: PlacedPolygon): Promise<void> {
  const { child } = LEVELS[placed.table];
  if (!child || placed.id === undefined) return;
  const { rows } = await sql<{ code: string }>`
    select c.code
      from ${sql.table(child.table)} c, (select ${geometryOf(placed.polygon)} as g) as given
     where c.organisation_id = ${placed.organisationId}
       and c.${sql.ref(child.key)} = ${placed.id}
       and c.retired_at is null
       and ST_Area(ST_Difference(c.geom, g)) > ${OUTSIDE_SHARE_MAX} * ST_Area(c.geom)
     order by c.code limit 1`.execute(db);
  const [row] = rows;
  if (row) throw outside(`${row.code} would lie outside.`);
}

function outside(message: string): AppError {
  return new AppError('PLACE_OUTSIDE_PARENT', message, { field: 'polygon' });
}
