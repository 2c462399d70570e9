import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Database } from './db/database.ts';

/** A greenhouse of 10 m × 10 m places side by side, west to east, at 0° N 0.001° E; for tests. */
export interface Places {
  readonly organisationId: string;
  /** Adds a place `index` steps east; configured for a product unless told otherwise. */
  add(code: string, index: number, configured?: boolean): Promise<string>;
  /** Longitude of a place's middle. */
  longitude(index: number): number;
}

/** About 10 m at the equator. */
const STEP = 0.00009;
const WEST = 0.001;

export async function createPlaces(db: Database): Promise<Places> {
  const { id: organisationId } = await db
    .selectFrom('organisations')
    .select('id')
    .where('code', '=', 'demeter')
    .executeTakeFirstOrThrow();
  const [warehouse, area, category, family, product] = [1, 2, 3, 4, 5].map(() => newId());
  const whole = sql`ST_MakeEnvelope(0, -0.001, 0.01, 0.001, 4326)`;
  const statements = [
    sql`insert into warehouses (organisation_id, id, code, name, kind, timezone, geom) values
      (${organisationId}, ${warehouse}, 'T-W', 'W', 'greenhouse', 'Europe/Madrid', ${whole})`,
    sql`insert into storage_areas (organisation_id, id, warehouse_id, code, name, geom) values
      (${organisationId}, ${area}, ${warehouse}, 'T-A', 'A', ${whole})`,
    sql`insert into product_categories (organisation_id, id, code, name) values
      (${organisationId}, ${category}, 'T-C', 'C')`,
    sql`insert into product_families (organisation_id, id, product_category_id, code, name) values
      (${organisationId}, ${family}, ${category}, 'T-F', 'F')`,
    sql`insert into products (organisation_id, id, product_family_id, sku, common_name) values
      (${organisationId}, ${product}, ${family}, 'T-P', 'Plant')`,
  ];
  for (const statement of statements) await statement.execute(db);
  const add = async (code: string, index: number, configured = true) => {
    const id = newId();
    const west = WEST + index * STEP;
    await sql`insert into storage_locations (organisation_id, id, storage_area_id, code, name, geom)
      values (${organisationId}, ${id}, ${area}, ${code}, ${code},
        ST_MakeEnvelope(${west}, 0, ${west + STEP}, ${STEP}, 4326))`.execute(db);
    if (configured) {
      await sql`insert into storage_location_configs (organisation_id, id, storage_location_id,
        version, product_id, created_by)
        values (${organisationId}, ${newId()}, ${id}, 1, ${product}, 'test')`.execute(db);
    }
    return id;
  };
  return { organisationId, add, longitude: (index) => WEST + (index + 0.5) * STEP };
}
