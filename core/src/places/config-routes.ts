import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { t } from 'elysia';
import { sql } from 'kysely';
import { writeAudit } from '../audit.ts';
import type { UserPrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import type { Handle, Transaction } from '../db/database.ts';
import { feature } from '../http/feature.ts';
import { Id, IdParams, nullable, PackagingRef, ProductRef, shape, Time } from '../http/schemas.ts';
import { bookWaitingSessions } from '../stock/book-waiting.ts';
import { lockPlace } from '../stock/locks.ts';
import { insertConfig } from '../stock/place-config.ts';

const Config = shape('PlaceConfig', {
  id: Id,
  version: t.Integer(),
  product_id: Id,
  product_state_id: nullable(Id),
  packaging_id: nullable(Id),
  product: ProductRef,
  product_state: nullable(t.Object({ id: Id, code: t.String(), name: t.String() })),
  packaging: nullable(PackagingRef),
  created_by: t.String(),
  created_at: Time,
});
const Change = shape('PlaceConfigChange', {
  product_id: Id,
  product_state_id: t.Optional(nullable(Id)),
  packaging_id: t.Optional(nullable(Id)),
});

/** What should stand at a place. */
export function placeConfigRoutes(context: CoreContext) {
  const { db } = context;
  return feature('Places')
    .get(
      '/storage-locations/:id/config',
      async ({ principal, params }) => await readConfig(db, principal.organisationId, params.id),
      {
        permission: 'stock:read',
        params: IdParams,
        response: { 200: Config },
        detail: { summary: 'What should stand at a place' },
      },
    )
    .put(
      '/storage-locations/:id/config',
      async ({ principal, params, body }) => {
        await db.transaction().execute((trx) => writeConfig(trx, principal, params.id, body));
        await bookWaitingSessions(context, { locationId: params.id });
        return await readConfig(db, principal.organisationId, params.id);
      },
      {
        permission: 'config:write',
        params: IdParams,
        body: Change,
        response: { 200: Config },
        detail: {
          summary: 'Say what should stand at a place',
          description: 'Makes a new version, and books the counts that waited for it.',
        },
      },
    );
}

/** A new version. The place's lock keeps a count from missing it (stock/book-count.ts). */
async function writeConfig(
  trx: Transaction,
  principal: UserPrincipal,
  locationId: string,
  change: typeof Change.static,
): Promise<void> {
  const { organisationId, actor } = principal;
  await lockPlace(trx, organisationId, locationId);
  const id = newId();
  await insertConfig(trx, { organisationId, locationId, createdBy: actor, ...change, id });
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'storage_location_configs.create',
    subjectType: 'storage_locations',
    subjectId: locationId,
    after: { id, ...change },
  });
}

async function readConfig(
  db: Handle,
  organisationId: string,
  locationId: string,
): Promise<typeof Config.static> {
  const { rows } = await sql<typeof Config.static & { created_at: Date }>`
    select c.id, c.version, c.product_id, c.product_state_id, c.packaging_id,
           json_build_object('id', p.id, 'sku', p.sku, 'common_name', p.common_name) as product,
           case when s.id is null then null
             else json_build_object('id', s.id, 'code', s.code, 'name', s.name) end
             as product_state,
           case when k.id is null then null
             else json_build_object('id', k.id, 'sku', k.sku, 'name', k.name) end as packaging,
           c.created_by, c.created_at
      from storage_location_configs c
      join products p on p.organisation_id = c.organisation_id and p.id = c.product_id
      left join product_states s
        on s.organisation_id = c.organisation_id and s.id = c.product_state_id
      left join packagings k on k.organisation_id = c.organisation_id and k.id = c.packaging_id
     where c.organisation_id = ${organisationId} and c.storage_location_id = ${locationId}
     order by c.version desc limit 1`.execute(db);
  const [row] = rows;
  if (row) return { ...row, created_at: new Date(row.created_at).toISOString() };
  throw new AppError('NOT_FOUND', 'Nothing is configured for this place.', {
    hint: 'Say by PUT what should stand there.',
  });
}
