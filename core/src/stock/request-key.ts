import { AppError } from '@demeter/common/errors';
import type { UserPrincipal } from '../auth/principal.ts';
import type { Database, Transaction } from '../db/database.ts';
import { errorOf } from '../http/error-response.ts';
import { signedQuantity } from './movement-rules.ts';
import { type ManualMovement, recordMovement } from './movements.ts';

/** The unique index of `stock_movements` on who wrote and the key given. */
const INDEX = 'stock_movements_request';

export interface Recorded {
  /** As `recordMovement` answers them. */
  readonly ids: readonly string[];
  /** False: an earlier request with this key has written them. */
  readonly created: boolean;
}

/**
 * Writes a movement once for all requests of this person with the same key, however often and from
 * wherever they come; without a key each request writes. Throws CONFLICT (the key was another
 * movement's), and what `recordMovement` throws.
 */
export async function recordMovementOnce(
  db: Database,
  principal: UserPrincipal,
  movement: ManualMovement,
  { key, now }: { readonly key: string | undefined; readonly now: Date },
): Promise<Recorded> {
  const write = () =>
    db.transaction().execute(async (trx): Promise<Recorded> => {
      const written = key === undefined ? null : await findWritten(trx, principal, movement, key);
      if (written) return { ids: written, created: false };
      return { ids: await recordMovement(trx, principal, movement, { now, key }), created: true };
    });
  try {
    return await write();
  } catch (error) {
    // The same request was under way, and has been faster: now it is found.
    if (errorOf(error).details?.constraint !== INDEX) throw error;
    return await write();
  }
}

/** What was written with the key; null: nothing. Throws CONFLICT where that was another movement. */
async function findWritten(
  trx: Transaction,
  { organisationId, actor }: UserPrincipal,
  movement: ManualMovement,
  key: string,
): Promise<readonly string[] | null> {
  const first = await trx
    .selectFrom('stock_movements')
    .select(['id', 'stock_batch_id', 'kind', 'quantity', 'reason', 'occurred_at', 'transfer_id'])
    .where('organisation_id', '=', organisationId)
    .where('created_by', '=', actor)
    .where('request_key', '=', key)
    .executeTakeFirst();
  if (!first) return null;
  const other = first.transfer_id
    ? await trx
        .selectFrom('stock_movements as m')
        .innerJoin('stock_batches as b', (join) =>
          join
            .onRef('b.organisation_id', '=', 'm.organisation_id')
            .onRef('b.id', '=', 'm.stock_batch_id'),
        )
        .select(['m.id', 'b.storage_location_id'])
        .where('m.organisation_id', '=', organisationId)
        .where('m.transfer_id', '=', first.transfer_id)
        .where('m.id', '<>', first.id)
        .executeTakeFirst()
    : undefined;
  const {
    kind,
    batch_id,
    quantity,
    reason,
    occurred_at: occurredAt,
    to_location_id: to,
  } = movement;
  const isSame =
    first.stock_batch_id === batch_id &&
    first.kind === kind &&
    first.quantity === signedQuantity(kind, quantity) &&
    first.reason === (reason ?? null) &&
    (occurredAt === undefined || first.occurred_at.getTime() === occurredAt.getTime()) &&
    other?.storage_location_id === to;
  if (isSame) return other ? [first.id, other.id] : [first.id];
  throw new AppError('CONFLICT', 'This Idempotency-Key was given to another movement.', {
    hint: 'Give each movement a new key, and the same one only when it is sent again.',
  });
}
