import { AppError } from '@demeter/common/errors';
import { isUuid } from '@demeter/common/ids';
import type { PhotoFilter__Output } from '@demeter/proto';
import { type RawBuilder, sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import { checkPolygon, geometryOf, type Polygon } from '../db/geometry.ts';
import { parseModelName } from '../pipelines/pipeline.ts';
import { parseTime } from './limits.ts';

/** A client's filter, checked and with names resolved to ids; kept as JSON. */
export interface ChosenPhotos {
  readonly places?: Readonly<Record<Level, readonly string[]>>;
  readonly polygon?: Polygon;
  /** RFC 3339 UTC. */
  readonly from?: string;
  readonly before?: string;
  readonly products?: readonly string[];
  readonly states?: readonly string[];
  readonly countedWith?: { readonly name: string; readonly version?: string };
}

type Level = 'warehouses' | 'storage_areas' | 'storage_locations';

const LEVELS: readonly Level[] = ['warehouses', 'storage_areas', 'storage_locations'];
const STATES = [
  'pending',
  'processing',
  'completed',
  'failed',
  'needs_location',
  'needs_config',
  'needs_calibration',
];
/** Names in one filter; more photos than names say are chosen by hashes. */
const NAMES_MAX = 1_000;

/** Throws INVALID_INPUT, NOT_FOUND (a name that nothing has), INVALID_GEOMETRY. */
export async function resolveFilter(
  db: Handle,
  organisationId: string,
  filter: PhotoFilter__Output,
): Promise<ChosenPhotos> {
  const { places, products, states, captured_from: from, captured_before: before } = filter;
  const unknown = states.find((state) => !STATES.includes(state));
  if (unknown !== undefined) throw invalid('states', `${unknown} is no state of a session.`);
  const { name, version } = parseModelName(filter.counted_with);
  return {
    ...(places.length > 0 ? { places: await findPlaces(db, organisationId, places) } : {}),
    ...(products.length > 0 ? { products: await findProducts(db, organisationId, products) } : {}),
    ...(filter.polygon_geojson === ''
      ? {}
      : { polygon: await parsePolygon(db, filter.polygon_geojson) }),
    ...(from === '' ? {} : { from: parseTime(from, 'captured_from').toISOString() }),
    ...(before === '' ? {} : { before: parseTime(before, 'captured_before').toISOString() }),
    ...(states.length > 0 ? { states } : {}),
    ...(name === ''
      ? {}
      : { countedWith: { name, ...(version === undefined ? {} : { version }) } }),
  };
}

/**
 * The filter as conditions on `photos` as p joined with its `photo_sessions` as s. Pure.
 */
export function chosenConditions(chosen: ChosenPhotos): RawBuilder<unknown>[] {
  const { places, polygon, from, before, products, states, countedWith } = chosen;
  const taken = sql`coalesce(p.captured_at, p.received_at)`;
  return [
    ...(places
      ? [
          sql`p.storage_location_id in (
            select l.id from storage_locations l
              join storage_areas a
                on a.organisation_id = l.organisation_id and a.id = l.storage_area_id
             where l.organisation_id = p.organisation_id
               and (l.id = any (${places.storage_locations}::uuid[])
                 or a.id = any (${places.storage_areas}::uuid[])
                 or a.warehouse_id = any (${places.warehouses}::uuid[])))`,
        ]
      : []),
    ...(polygon
      ? [
          sql`ST_Covers(${geometryOf(polygon)}, coalesce(
            (select l.centroid from storage_locations l
              where l.organisation_id = p.organisation_id and l.id = p.storage_location_id),
            p.position))`,
        ]
      : []),
    ...(from === undefined ? [] : [sql`${taken} >= ${from}::timestamptz`]),
    ...(before === undefined ? [] : [sql`${taken} < ${before}::timestamptz`]),
    ...(products
      ? [
          sql`coalesce(
            (select k.product_id from classifications k
              where k.organisation_id = p.organisation_id and k.run_id = s.current_run_id),
            (select c.product_id from storage_location_configs c
              where c.organisation_id = p.organisation_id
                and c.storage_location_id = p.storage_location_id
              order by c.version desc limit 1)) = any (${products}::uuid[])`,
        ]
      : []),
    ...(states ? [sql`s.state = any (${states}::text[])`] : []),
    ...(countedWith
      ? [
          sql`exists (
            select 1 from runs r join pipelines n
                on n.organisation_id = r.organisation_id and n.digest = r.pipeline_digest
             where r.organisation_id = s.organisation_id and r.id = s.current_run_id
               and r.state = 'completed'
               and jsonb_path_exists(n.definition, ${pathOf(countedWith)}::jsonpath))`,
        ]
      : []),
  ];
}

/** Finds a model in a pipeline's definition: alone, or among those of an ensemble. */
function pathOf({ name, version }: NonNullable<ChosenPhotos['countedWith']>): string {
  // A string of a path is written as one of JSON.
  const isVersion = version === undefined ? '' : ` && @.version == ${JSON.stringify(version)}`;
  return `$.roles.plants[*] ? (@.name == ${JSON.stringify(name)}${isVersion})`;
}

async function findPlaces(
  db: Handle,
  organisationId: string,
  names: readonly string[],
): Promise<Record<Level, string[]>> {
  checkNames('places', names);
  const found = { warehouses: [], storage_areas: [], storage_locations: [] } as Record<
    Level,
    string[]
  >;
  const known = new Set<string>();
  for (const level of LEVELS) {
    for (const { id, code } of await findNamed(db, organisationId, { table: level, names })) {
      found[level].push(id);
      known.add(id).add(code);
    }
  }
  checkKnown('places', names, known);
  return found;
}

async function findProducts(
  db: Handle,
  organisationId: string,
  names: readonly string[],
): Promise<string[]> {
  checkNames('products', names);
  const found = await findNamed(db, organisationId, { table: 'products', names });
  checkKnown('products', names, new Set(found.flatMap(({ id, code }) => [id, code])));
  return found.map(({ id }) => id);
}

/** Rows whose id or code is among the names. */
async function findNamed(
  db: Handle,
  organisationId: string,
  { table, names }: { table: Level | 'products'; names: readonly string[] },
): Promise<{ id: string; code: string }[]> {
  const code = sql.ref(table === 'products' ? 'sku' : 'code');
  const { rows } = await sql<{ id: string; code: string }>`
    select id, ${code} as code from ${sql.table(table)}
     where organisation_id = ${organisationId}
       and (id = any (${names.filter(isUuid)}::uuid[]) or ${code} = any (${names}::text[]))
     order by id`.execute(db);
  return rows;
}

function checkNames(field: string, names: readonly string[]): void {
  if (names.length <= NAMES_MAX) return;
  throw invalid(field, `A filter has at most ${NAMES_MAX} names.`);
}

function checkKnown(field: string, names: readonly string[], known: ReadonlySet<string>): void {
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new AppError('NOT_FOUND', `Nothing is called ${unknown}.`, { field });
}

async function parsePolygon(db: Handle, text: string): Promise<Polygon> {
  let polygon: Polygon;
  try {
    polygon = JSON.parse(text);
  } catch (error) {
    throw new AppError('INVALID_GEOMETRY', 'The polygon is no JSON.', {
      field: 'polygon_geojson',
      cause: error,
    });
  }
  const isPoint = (point: unknown) =>
    Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
  const rings: unknown = polygon?.coordinates;
  const isPolygon =
    polygon?.type === 'Polygon' &&
    Array.isArray(rings) &&
    rings.length > 0 &&
    rings.every((ring) => Array.isArray(ring) && ring.every(isPoint));
  if (!isPolygon) {
    throw new AppError('INVALID_GEOMETRY', 'This is no GeoJSON polygon.', {
      field: 'polygon_geojson',
    });
  }
  await checkPolygon(db, polygon);
  return { type: 'Polygon', coordinates: polygon.coordinates };
}

function invalid(field: string, message: string): AppError {
  return new AppError('INVALID_INPUT', message, { field });
}
