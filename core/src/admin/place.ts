import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { geometryOf } from '../db/geometry.ts';
import { insertConfig } from '../stock/place-config.ts';
import type { AdminContext } from './admin-context.ts';
import { type Answer, type Arguments, textOption } from './command.ts';
import { WAREHOUSES } from './nursery.ts';
import { bench } from './seed.ts';

const USAGE = 'Usage: place add CODE … [--name NAME]; a name is for one place.';

/** Answers the place, or all of them where several codes are given. */
export async function addPlaces(context: AdminContext, args: Arguments): Promise<Answer> {
  const [action, ...codes] = args.words;
  const name = textOption(args, 'name');
  const [code] = codes;
  if (action !== 'add' || !code || (name !== undefined && codes.length > 1)) {
    throw new AppError('INVALID_INPUT', USAGE);
  }
  if (codes.length === 1) return await addPlace(context, code, name);
  const places: Place[] = [];
  for (const each of codes) places.push(await addPlace(context, each));
  return places;
}

type Place = Readonly<Record<'id' | 'code', string> & { created: boolean }>;

/**
 * A further bench in the seeded greenhouse, configured like the first one, so that photos of it
 * are booked. One that is there already is answered as it is. Throws NOT_FOUND before `seed`.
 */
async function addPlace(context: AdminContext, code: string, name?: string): Promise<Place> {
  const area = WAREHOUSES[0]?.areas[0];
  const organisationId = await context.organisationId();
  return await context.db.transaction().execute(async (trx) => {
    const parent = await trx
      .selectFrom('storage_areas')
      .select('id')
      .where('organisation_id', '=', organisationId)
      .where('code', '=', area?.code ?? '')
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!parent || !area) {
      throw new AppError('NOT_FOUND', 'There is no seeded greenhouse.', {
        hint: 'Run `seed` first.',
      });
    }
    const places = await trx
      .selectFrom('storage_locations')
      .select(['id', 'code'])
      .where('organisation_id', '=', organisationId)
      .where('storage_area_id', '=', parent.id)
      .execute();
    const known = places.find((place) => place.code === code);
    if (known) return { id: known.id, code, created: false };
    const id = newId();
    await trx
      .insertInto('storage_locations')
      .values({
        organisation_id: organisationId,
        id,
        storage_area_id: parent.id,
        code,
        name: name ?? `Bench ${code}`,
        geom: geometryOf(bench(area.at, places.length)),
      })
      .execute();
    const product = await trx
      .selectFrom('products')
      .select('id')
      .where('organisation_id', '=', organisationId)
      .where('sku', '=', area.locations[0]?.sku ?? '')
      .executeTakeFirstOrThrow();
    const config = { id: newId(), createdBy: 'system', product_id: product.id };
    await insertConfig(trx, { organisationId, locationId: id, ...config });
    return { id, code, created: true };
  });
}
