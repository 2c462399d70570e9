import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';

export interface BatchCodeParts {
  readonly locationCode: string;
  readonly sku: string;
  readonly at: Date;
  /** IANA zone of the warehouse: a batch is of the day that it was there. */
  readonly timezone: string;
}

/** `LOC{location code}-PROD{sku}-{YYYYMMDD}`, the day in the warehouse's zone. */
export function batchCodePrefix({ locationCode, sku, at, timezone }: BatchCodeParts): string {
  return `LOC${locationCode}-PROD${sku}-${localDay(at, timezone)}`;
}

/** YYYYMMDD. */
export function localDay(at: Date, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}${part('month')}${part('day')}`;
}

/** The next free code of a prefix. The caller holds the place's lock, so that two do not meet. */
export async function nextBatchCode(
  trx: Transaction,
  organisationId: string,
  prefix: string,
): Promise<string> {
  const rows = await trx
    .selectFrom('stock_batches')
    .select('code')
    .where('organisation_id', '=', organisationId)
    .where(sql<boolean>`starts_with(code, ${`${prefix}-`})`)
    .execute();
  const taken = rows.map((row) => Number(row.code.slice(prefix.length + 1)));
  const next = Math.max(0, ...taken.filter((number) => Number.isSafeInteger(number))) + 1;
  return `${prefix}-${String(next).padStart(3, '0')}`;
}
