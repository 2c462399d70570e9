import { t } from 'elysia';
import { sql } from 'kysely';
import type { CoreContext } from '../context.ts';
import type { Handle } from '../db/database.ts';
import { asGeoJson, type Point, type Polygon } from '../db/geometry.ts';
import { feature } from '../http/feature.ts';
import {
  Id,
  nullable,
  PointSchema,
  PolygonSchema,
  ProductRef,
  shape,
  Time,
} from '../http/schemas.ts';

const Location = shape('MapLocation', {
  id: Id,
  code: t.String(),
  name: t.String(),
  area_m2: t.Number(),
  polygon: PolygonSchema,
  plants: t.Integer(),
  product: nullable(ProductRef),
  last_count: nullable(
    t.Object({
      photo_id: t.String(),
      session_id: Id,
      detected: t.Integer(),
      session_state: t.String(),
      at: Time,
    }),
  ),
});
const Area = shape('MapArea', {
  id: Id,
  code: t.String(),
  name: t.String(),
  position: nullable(t.String()),
  area_m2: t.Number(),
  polygon: PolygonSchema,
  plants: t.Integer(),
  locations: t.Array(Location),
});
const MapBody = shape('PlantMap', {
  warehouses: t.Array(
    shape('MapWarehouse', {
      id: Id,
      code: t.String(),
      name: t.String(),
      kind: t.String(),
      timezone: t.String(),
      area_m2: t.Number(),
      centroid: PointSchema,
      polygon: PolygonSchema,
      plants: t.Integer(),
      areas: t.Array(Area),
    }),
  ),
});

type PlantMap = typeof MapBody.static;
type MapLocation = typeof Location.static;

/** Everything that the map shows, in one call. */
export function mapRoutes({ db }: Pick<CoreContext, 'db'>) {
  return feature('Places').get(
    '/map',
    async ({ principal }) => await readMap(db, principal.organisationId),
    {
      permission: 'stock:read',
      response: { 200: MapBody },
      detail: { summary: 'All places with their plants and last counts' },
    },
  );
}

interface LocationRow {
  readonly id: string;
  readonly storage_area_id: string;
  readonly code: string;
  readonly name: string;
  readonly area_m2: number;
  readonly polygon: Polygon;
  readonly plants: number;
  readonly product: MapLocation['product'];
  readonly session_id: string | null;
  readonly photo_id: string | null;
  readonly detected: number | null;
  readonly session_state: string | null;
  readonly counted_at: Date | null;
}

/** Three queries whatever the number of places: one a level. */
export async function readMap(db: Handle, organisationId: string): Promise<PlantMap> {
  const warehouses = await db
    .selectFrom('warehouses')
    .select(['id', 'code', 'name', 'kind', 'timezone', 'area_m2'])
    .select([asGeoJson<Point>('centroid').as('centroid'), asGeoJson<Polygon>('geom').as('polygon')])
    .where('organisation_id', '=', organisationId)
    .where('retired_at', 'is', null)
    .orderBy('code')
    .execute();
  const areas = await db
    .selectFrom('storage_areas')
    .select(['id', 'warehouse_id', 'code', 'name', 'position', 'area_m2'])
    .select(asGeoJson<Polygon>('geom').as('polygon'))
    .where('organisation_id', '=', organisationId)
    .where('retired_at', 'is', null)
    .orderBy('code')
    .execute();
  const locations = Map.groupBy(
    await readLocations(db, organisationId),
    (row) => row.storage_area_id,
  );
  const areasOf = Map.groupBy(areas, (area) => area.warehouse_id);
  return {
    warehouses: warehouses.map((warehouse) => {
      const inside = (areasOf.get(warehouse.id) ?? []).map(({ warehouse_id: _, ...area }) => {
        const within = (locations.get(area.id) ?? []).map(toLocation);
        return { ...area, area_m2: area.area_m2 ?? 0, plants: sum(within), locations: within };
      });
      return { ...warehouse, area_m2: warehouse.area_m2 ?? 0, plants: sum(inside), areas: inside };
    }) as PlantMap['warehouses'],
  };
}

async function readLocations(db: Handle, organisationId: string): Promise<LocationRow[]> {
  const { rows } = await sql<LocationRow>`
    select l.id, l.storage_area_id, l.code, l.name, l.area_m2,
           ${asGeoJson('l.geom')} as polygon,
           coalesce(stock.plants, 0) as plants,
           config.product,
           last.session_id, last.photo_id, last.detected, last.session_state, last.counted_at
      from storage_locations l
      left join (
        select storage_location_id, sum(quantity_current) as plants from stock_batches
         where organisation_id = ${organisationId} group by storage_location_id
      ) stock on stock.storage_location_id = l.id
      left join lateral (
        select json_build_object('id', p.id, 'sku', p.sku, 'common_name', p.common_name) as product
          from storage_location_configs c
          join products p on p.organisation_id = c.organisation_id and p.id = c.product_id
         where c.organisation_id = l.organisation_id and c.storage_location_id = l.id
         order by c.version desc limit 1
      ) config on true
      left join lateral (
        select s.id as session_id, encode(p.sha256, 'hex') as photo_id, s.detected,
               s.state as session_state, p.received_at as counted_at
          from photo_sessions s
          join photos p on p.organisation_id = s.organisation_id and p.photo_session_id = s.id
         where s.organisation_id = l.organisation_id and s.storage_location_id = l.id
           and s.detected is not null
         order by s.id desc, p.received_at desc limit 1
      ) last on true
     where l.organisation_id = ${organisationId} and l.retired_at is null
     order by l.code`.execute(db);
  return rows;
}

function toLocation(row: LocationRow): MapLocation {
  const { id, code, name, area_m2, polygon, plants, product } = row;
  const last =
    row.session_id === null
      ? null
      : {
          photo_id: row.photo_id ?? '',
          session_id: row.session_id,
          detected: row.detected ?? 0,
          session_state: row.session_state ?? '',
          at: row.counted_at?.toISOString() ?? '',
        };
  const shape = polygon as unknown as MapLocation['polygon'];
  return { id, code, name, area_m2, polygon: shape, plants, product, last_count: last };
}

function sum(places: readonly { readonly plants: number }[]): number {
  return places.reduce((total, place) => total + place.plants, 0);
}
