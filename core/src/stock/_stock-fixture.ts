import { randomBytes } from 'node:crypto';
import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

/** A nursery of one greenhouse for tests; what it makes is what `demeter seed` would make. */
export interface Nursery {
  readonly organisationId: string;
  readonly productId: string;
  readonly otherProductId: string;
  readonly pipelineDigest: Buffer;
  addLocation(code: string, productId?: string): Promise<string>;
  configure(locationId: string, productId: string): Promise<string>;
  count(options: CountOptions): Promise<CountedPhoto>;
}

export interface CountOptions {
  readonly locationId: string | null;
  readonly detected: number;
  readonly capturedAt?: Date;
}

export interface CountedPhoto {
  readonly sessionId: string;
  readonly runId: string;
  readonly sha256: Buffer;
}

const DEFINITION = JSON.stringify({ roles: { plants: { name: 'plants', version: '1' } } });
const SQUARE = 'POLYGON((0 0,0 0.001,0.001 0.001,0.001 0,0 0))';

export async function createNursery(db: Database, timezone = 'Europe/Madrid'): Promise<Nursery> {
  const ids = Array.from({ length: 7 }, () => newId());
  const [organisationId, warehouseId, areaId, categoryId, familyId, productId, otherProductId] =
    ids as [string, string, string, string, string, string, string];
  const pipelineDigest = randomBytes(32);
  const organisation = { organisation_id: organisationId };
  const geom = sql<string>`ST_GeomFromText(${SQUARE}, 4326)`;
  await db
    .insertInto('organisations')
    .values({ id: organisationId, code: organisationId.slice(-12), name: 'Test' })
    .execute();
  await db
    .insertInto('warehouses')
    .values({
      ...organisation,
      id: warehouseId,
      code: 'W',
      name: 'W',
      kind: 'greenhouse',
      timezone,
      geom,
    })
    .execute();
  await db
    .insertInto('storage_areas')
    .values({ ...organisation, id: areaId, warehouse_id: warehouseId, code: 'A', name: 'A', geom })
    .execute();
  await db
    .insertInto('product_categories')
    .values({ ...organisation, id: categoryId, code: 'cacti', name: 'Cacti' })
    .execute();
  await db
    .insertInto('product_families')
    .values({
      ...organisation,
      id: familyId,
      product_category_id: categoryId,
      code: 'mammillaria',
      name: 'Mammillaria',
    })
    .execute();
  for (const [id, sku] of [
    [productId, 'MAM-1'],
    [otherProductId, 'MAM-2'],
  ] as const) {
    await db
      .insertInto('products')
      .values({ ...organisation, id, product_family_id: familyId, sku, common_name: sku })
      .execute();
  }
  await db
    .insertInto('pipelines')
    .values({ ...organisation, digest: pipelineDigest, definition: DEFINITION })
    .execute();

  const configure = async (locationId: string, product: string) => {
    const id = newId();
    await db
      .insertInto('storage_location_configs')
      .values({
        ...organisation,
        id,
        storage_location_id: locationId,
        version: sql<number>`1 + (select count(*) from storage_location_configs
          where organisation_id = ${organisationId} and storage_location_id = ${locationId})`,
        product_id: product,
        created_by: 'system',
      })
      .execute();
    return id;
  };
  const addLocation = async (code: string, product?: string) => {
    const id = newId();
    await db
      .insertInto('storage_locations')
      .values({ ...organisation, id, storage_area_id: areaId, code, name: code, geom })
      .execute();
    if (product) await configure(id, product);
    return id;
  };
  const count = (options: CountOptions) => writeCount(db, organisationId, pipelineDigest, options);
  return {
    organisationId,
    productId,
    otherProductId,
    pipelineDigest,
    addLocation,
    configure,
    count,
  };
}

/** A photo that was counted and not yet booked. */
async function writeCount(
  db: Database,
  organisationId: string,
  pipelineDigest: Buffer,
  { locationId, detected, capturedAt }: CountOptions,
): Promise<CountedPhoto> {
  const organisation = { organisation_id: organisationId };
  const sha256 = randomBytes(32);
  const [sessionId, runId] = [newId(), newId()];
  const location = locationId
    ? { storage_location_id: locationId, location_source: 'explicit' as const }
    : {};
  const createdAt = new Date();
  await db
    .insertInto('photo_sessions')
    .values({
      ...organisation,
      id: sessionId,
      state: 'processing',
      storage_location_id: locationId,
      current_run_id: runId,
      detected,
    })
    .execute();
  await db
    .insertInto('photos')
    .values({
      ...organisation,
      ...location,
      sha256,
      photo_session_id: sessionId,
      state: 'stored',
      size_bytes: 1_000,
      media_type: 'image/jpeg',
      object_key: sha256.toString('hex'),
      captured_at: capturedAt ?? null,
    })
    .execute();
  await db
    .insertInto('runs')
    .values({
      ...organisation,
      id: runId,
      sha256,
      pipeline_digest: pipelineDigest,
      state: 'completed',
      detected,
      created_at: createdAt,
    })
    .execute();
  if (detected > 0) {
    await db
      .insertInto('detections')
      .values(
        Array.from({ length: detected }, (_, ordinal) => ({
          ...organisation,
          run_id: runId,
          run_created_at: createdAt,
          ordinal,
          class_name: 'plant',
          confidence: 0.9,
          x1: 0,
          y1: 0,
          x2: 10,
          y2: 10,
        })),
      )
      .execute();
  }
  return { sessionId, runId, sha256 };
}
