import { AppError } from '@demeter/common/errors';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { type ChosenPhotos, chosenConditions } from './chosen-photos.ts';

/** What a plan's photos are, in numbers. */
export interface Counted {
  readonly photos: number;
  readonly in_store: number;
  readonly counted_already: number;
  readonly to_count: number;
  /** Whose count could change. */
  readonly places: number;
}

export interface PlanToCount {
  readonly organisationId: string;
  /** The plan's own, for photos that are named one by one. */
  readonly id: string;
  /** Null: named one by one. */
  readonly chosen: ChosenPhotos | null;
  /** Of the pipeline, 32 bytes. */
  readonly digest: Buffer;
  readonly signal?: AbortSignal | undefined;
}

/** Photos whose hashes begin alike: from (inclusive) and before (exclusive). */
interface Window {
  readonly from: Buffer;
  readonly before: Buffer | undefined;
}

const ALL: readonly Window[] = [{ from: Buffer.alloc(0), before: undefined }];

/** As many equal parts of all hashes. */
const SIXTEENTHS: readonly Window[] = Array.from({ length: 16 }, (_, n) => ({
  from: Buffer.of(n << 4),
  before: n === 15 ? undefined : Buffer.of((n + 1) << 4),
}));

/**
 * Counts the photos of a plan, all at once; where a statement may not take so long, a sixteenth of
 * them at a time. Throws DEADLINE_EXCEEDED where that takes too long too.
 */
export async function countPhotos(db: Database, plan: PlanToCount): Promise<Counted> {
  try {
    return await countWindows(db, plan, ALL);
  } catch (error) {
    if (!isTimeout(error)) throw error;
  }
  try {
    return await countWindows(db, plan, SIXTEENTHS);
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new AppError('DEADLINE_EXCEEDED', 'Counting the photos takes too long.', {
      field: 'filter',
      hint: 'Narrow the filter: plan place by place, or month by month.',
      cause: error,
    });
  }
}

/** A photo is in one of `windows`, a place may have photos in all of them. */
async function countWindows(
  db: Database,
  plan: PlanToCount,
  windows: readonly Window[],
): Promise<Counted> {
  const sum = { photos: 0, in_store: 0, counted_already: 0, to_count: 0 };
  const places = new Set<string>();
  for (const window of windows) {
    plan.signal?.throwIfAborted();
    const row = await countWindow(db, plan, window);
    sum.photos += row.photos;
    sum.in_store += row.in_store;
    sum.counted_already += row.counted_already;
    sum.to_count += row.to_count;
    for (const place of row.places) places.add(place);
  }
  return { ...sum, places: places.size };
}

async function countWindow(
  db: Database,
  { organisationId, id, chosen, digest }: PlanToCount,
  { from, before }: Window,
): Promise<Omit<Counted, 'places'> & { readonly places: readonly string[] }> {
  const conditions: RawBuilder<unknown>[] = [
    sql`p.organisation_id = ${organisationId}`,
    ...(from.length === 0 ? [] : [sql`p.sha256 >= ${from}`]),
    ...(before === undefined ? [] : [sql`p.sha256 < ${before}`]),
    ...(chosen === null
      ? [
          sql`exists (select 1 from reprocessing_plan_photos l
                       where l.organisation_id = p.organisation_id and l.plan_id = ${id}
                         and l.sha256 = p.sha256)`,
        ]
      : chosenConditions(chosen)),
  ];
  const { rows } = await sql<Omit<Counted, 'places'> & { places: string[] }>`
    select count(*) as photos,
           count(*) filter (where in_store) as in_store,
           count(*) filter (where counted) as counted_already,
           count(*) filter (where in_store and not counted) as to_count,
           coalesce(array_agg(distinct place::text) filter (
             where place is not null and (in_store or counted) and not current), '{}') as places
      from (
        select p.storage_location_id as place,
               p.state in ('stored', 'quarantined') as in_store,
               r.id is not null as counted,
               r.id is not null and r.id = s.current_run_id as current
          from photos p
          join photo_sessions s on s.organisation_id = p.organisation_id
                               and s.id = p.photo_session_id
          left join runs r on r.organisation_id = p.organisation_id and r.sha256 = p.sha256
                          and r.pipeline_digest = ${digest} and r.state = 'completed'
         where ${sql.join(conditions, sql` and `)}) chosen`.execute(db);
  return rows[0]!;
}

/** The statement's time was over. */
function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === '57014';
}
