import { type RawBuilder, sql } from 'kysely';

/** So near a photo must a person have counted, for their count to say what the photo shows. */
const NEAR_DAYS = 7;

/** What plants do; all other movements are counts. */
const FLOW = sql`m.kind in ('plant', 'sow', 'transplant', 'death', 'sale')`;

/**
 * What stood at a place at a time by a person's count: a lateral join that adds `truth.plants`,
 * null where nobody counted within a week.
 *
 * A hand count is a batch begun by hand, or an adjustment that a person wrote without a photo. The
 * nearest one counts: the sum of the place's movements up to it, and what was planted, sown,
 * moved, lost or sold between it and the photo.
 */
export function truthJoin(at: {
  readonly organisation: RawBuilder<string>;
  readonly place: RawBuilder<string>;
  readonly time: RawBuilder<Date>;
}): RawBuilder<unknown> {
  const movements = sql`
    stock_batches b join stock_movements m
      on m.organisation_id = b.organisation_id and m.stock_batch_id = b.id
   where b.organisation_id = ${at.organisation} and b.storage_location_id = ${at.place}`;
  const days = sql`${NEAR_DAYS} * interval '1 day'`;
  return sql`
    left join lateral (
      select m.occurred_at as counted_at from ${movements}
         and (m.kind = 'manual_init' or (m.kind = 'adjustment' and m.run_id is null
               and m.counter_of_id is null and m.created_by like 'user:%'))
         and m.occurred_at between ${at.time} - ${days} and ${at.time} + ${days}
       order by abs(extract(epoch from m.occurred_at - ${at.time})), m.id desc
       limit 1) hand on true
    left join lateral (
      select greatest(0,
               coalesce(sum(m.quantity) filter (where m.occurred_at <= hand.counted_at), 0)
               + coalesce(sum(m.quantity) filter (where ${FLOW}
                   and m.occurred_at > hand.counted_at and m.occurred_at <= ${at.time}), 0)
               - coalesce(sum(m.quantity) filter (where ${FLOW}
                   and m.occurred_at > ${at.time} and m.occurred_at <= hand.counted_at), 0)
             )::int as plants
        from ${movements} and hand.counted_at is not null
      having count(*) > 0) truth on true`;
}
