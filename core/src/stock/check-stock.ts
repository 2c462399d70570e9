import { sql } from 'kysely';
import type { Handle } from '../db/database.ts';

export interface StockCheck {
  readonly batches: number;
  readonly movements: number;
  /** Batches whose quantity is not the sum of their movements: must be empty, always. */
  readonly disagreeing: readonly Disagreement[];
}

export interface Disagreement {
  readonly batch_id: string;
  readonly code: string;
  readonly quantity_current: number;
  readonly sum_of_movements: number;
}

/** Proves over the whole stock that what stands is what moved. */
export async function checkStock(db: Handle, organisationId: string): Promise<StockCheck> {
  const { rows: totals } = await sql<{ batches: number; movements: number }>`
    select (select count(*) from stock_batches where organisation_id = ${organisationId}) as batches,
           (select count(*) from stock_movements where organisation_id = ${organisationId})
             as movements`.execute(db);
  const { rows: disagreeing } = await sql<Disagreement>`
    select b.id as batch_id, b.code, b.quantity_current,
           coalesce(sum(m.quantity), 0)::bigint as sum_of_movements
      from stock_batches b
      left join stock_movements m
        on m.organisation_id = b.organisation_id and m.stock_batch_id = b.id
     where b.organisation_id = ${organisationId}
     group by b.organisation_id, b.id
    having b.quantity_current <> coalesce(sum(m.quantity), 0)
     order by b.id
     limit 1000`.execute(db);
  return { batches: totals[0]?.batches ?? 0, movements: totals[0]?.movements ?? 0, disagreeing };
}
