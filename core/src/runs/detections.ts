import { sql } from 'kysely';
import type { Handle, Transaction } from '../db/database.ts';
import type { Count } from './count.ts';

export interface RunRef {
  readonly organisationId: string;
  readonly runId: string;
}

/** Rows a statement: arrays of this length are a few hundred kilobytes. */
const CHUNK_ROWS = 5_000;

/** Writes a run's detections into the month in which it was created. Answers how many were written. */
export async function insertDetections(
  trx: Transaction,
  run: RunRef,
  count: Count,
): Promise<number> {
  let written = 0;
  for (let from = 0; from < count.detected; from += CHUNK_ROWS) {
    const part = <T>(list: readonly T[]) => list.slice(from, from + CHUNK_ROWS);
    const { numAffectedRows } = await sql`
      insert into detections (organisation_id, run_id, run_created_at, ordinal, class_name,
                              confidence, x1, y1, x2, y2)
      select r.organisation_id, r.id, r.created_at, ${from}::int + d.ordinality - 1, d.class_name,
             d.confidence, d.x1, d.y1, d.x2, d.y2
        from runs r
       cross join unnest(${part(count.classNames)}::text[], ${part(count.confidences)}::real[],
                         ${part(count.x1)}::real[], ${part(count.y1)}::real[],
                         ${part(count.x2)}::real[], ${part(count.y2)}::real[])
               with ordinality as d (class_name, confidence, x1, y1, x2, y2, ordinality)
       where r.organisation_id = ${run.organisationId} and r.id = ${run.runId}`.execute(trx);
    written += Number(numAffectedRows ?? 0);
  }
  return written;
}

/** A run's detections in packed arrays. */
export interface PackedDetections {
  readonly class_names: string[];
  /** x1, y1, x2, y2 an object, pixels of the upright photo. */
  readonly boxes: number[];
  readonly confidences: number[];
  readonly class_ids: number[];
}

export async function readDetections(db: Handle, run: RunRef): Promise<PackedDetections> {
  const { rows } = await sql<{
    class_name: string;
    confidence: number;
    x1: number;
    y1: number;
    x2: number;
    y2: number;
  }>`
    select d.class_name, d.confidence, d.x1, d.y1, d.x2, d.y2
      from detections d
     where d.organisation_id = ${run.organisationId} and d.run_id = ${run.runId}
       and d.run_created_at = (select created_at from runs
                                where organisation_id = ${run.organisationId}
                                  and id = ${run.runId})
     order by d.ordinal`.execute(db);
  const classNames = [...new Set(rows.map((row) => row.class_name))].sort();
  return {
    class_names: classNames,
    boxes: rows.flatMap((row) => [row.x1, row.y1, row.x2, row.y2]),
    confidences: rows.map((row) => row.confidence),
    class_ids: rows.map((row) => classNames.indexOf(row.class_name)),
  };
}
