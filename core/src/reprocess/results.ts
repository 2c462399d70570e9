import { AppError } from '@demeter/common/errors';
import type { ReprocessResultsResponse } from '@demeter/proto';
import { sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import { readDetections } from '../runs/detections.ts';
import type { ReprocessingRef } from './reprocessing.ts';

/** Results read at once: what a slow client makes us hold. */
export const PAGE_RESULTS = 100;

/** One photo's result; its cursor is its position. */
export interface ResultRow {
  readonly position: number;
  readonly sha256: Buffer;
  readonly run_id: string | null;
  readonly outcome: 'counted' | 'reused' | 'failed';
  readonly error_code: string | null;
  readonly detected: number | null;
  readonly counts: Readonly<Record<string, number>> | null;
  readonly detected_before: number | null;
}

/** Positions start at 1; an empty cursor stands before the first. Throws INVALID_INPUT. */
export function parseCursor(cursor: string): number {
  if (cursor === '') return 0;
  const position = /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (Number.isSafeInteger(position)) return position;
  throw new AppError('INVALID_INPUT', 'This cursor is not one that was given out.', {
    field: 'after',
  });
}

/**
 * The next results behind a position, in their order. Positions become visible in their order, so
 * that a page never skips one that comes later.
 */
export async function readResults(
  db: Handle,
  ref: ReprocessingRef,
  after: number,
): Promise<ResultRow[]> {
  const { rows } = await sql<ResultRow>`
    select i.position, i.sha256, i.run_id, i.outcome, i.error_code, r.detected, r.counts,
           i.detected_before
      from reprocessing_items i
      left join runs r on r.organisation_id = i.organisation_id and r.id = i.run_id
                      and i.outcome <> 'failed'
     where i.organisation_id = ${ref.organisationId} and i.reprocessing_id = ${ref.id}
       and i.position > ${after}
     order by i.position limit ${PAGE_RESULTS}`.execute(db);
  return rows;
}

/** As clients see it; `detections` reads the boxes, too. */
export async function toResultMessage(
  db: Handle,
  organisationId: string,
  row: ResultRow,
  detections: boolean,
): Promise<ReprocessResultsResponse> {
  const runId = row.outcome === 'failed' ? null : row.run_id;
  return {
    cursor: String(row.position),
    sha256: row.sha256,
    run_id: row.run_id ?? '',
    outcome: row.outcome,
    error_code: row.error_code ?? '',
    detected: row.detected ?? 0,
    counts: { ...row.counts },
    ...(row.detected_before === null ? {} : { detected_before: row.detected_before }),
    ...(detections && runId !== null
      ? { found: await readDetections(db, { organisationId, runId }) }
      : {}),
  };
}
