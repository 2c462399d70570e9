import { AppError } from '@demeter/common/errors';
import type { ReprocessCompareResponse } from '@demeter/proto';
import { type RawBuilder, sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import { truthJoin } from './hand-count.ts';
import type { ReprocessingRef } from './reprocessing.ts';

/** Photos read at once. */
const PAGE_PHOTOS = 1_000;

export interface Comparison {
  readonly by: string;
  readonly changedOnly: boolean;
}

interface Line {
  readonly key: string;
  readonly photos: number;
  readonly before: number;
  readonly after: number;
  readonly truth?: number | null;
}

/**
 * New counts beside the old ones and, where a person has counted, the truth: of each photo, of
 * each place as its latest photo shows it, and of all photos without a place together (an empty
 * key), or of each class. Photos that failed are left out. Holds a page of photos; of places and classes a line each. Throws INVALID_INPUT.
 */
export async function* compare(
  db: Handle,
  ref: ReprocessingRef,
  { by, changedOnly }: Comparison,
): AsyncGenerator<ReprocessCompareResponse> {
  for await (const line of linesBy(db, ref, by)) {
    if (changedOnly && line.before === line.after) continue;
    const { truth, ...counts } = line;
    yield { ...counts, ...(truth === null || truth === undefined ? {} : { truth }) };
  }
}

function linesBy(db: Handle, ref: ReprocessingRef, by: string): AsyncIterable<Line> {
  if (by === 'photo') return byPhoto(db, ref);
  if (by === 'place') return byPlace(db, ref);
  if (by === 'class') return byClass(db, ref);
  throw new AppError('INVALID_INPUT', 'A comparison is by photo, place or class.', {
    field: 'by',
  });
}

const TAKEN = sql<Date>`coalesce(p.captured_at, p.received_at)`;

/** Items with a new count: `reprocessing_items` as i, the new run as r, the photo as p. */
function counted(ref: ReprocessingRef): RawBuilder<unknown> {
  return sql`
    reprocessing_items i
    join runs r on r.organisation_id = i.organisation_id and r.id = i.run_id
    join photos p on p.organisation_id = i.organisation_id and p.sha256 = i.sha256
    where i.organisation_id = ${ref.organisationId} and i.reprocessing_id = ${ref.id}
      and i.position is not null and i.outcome <> 'failed'`;
}

async function* byPhoto(db: Handle, ref: ReprocessingRef): AsyncGenerator<Line> {
  for (let after = 0; ; ) {
    const { rows } = await sql<Line & { readonly position: number }>`
      select c.position, encode(c.sha256, 'hex') as key, 1 as photos, c.before, c.after,
             truth.plants as truth
        from (select i.position, i.sha256, i.organisation_id, p.storage_location_id,
                     coalesce(i.detected_before, 0) as before, r.detected as after,
                     ${TAKEN} as taken
                from ${counted(ref)} and i.position > ${after}
               order by i.position limit ${PAGE_PHOTOS}) c
             ${truthJoin({
               organisation: sql.ref('c.organisation_id'),
               place: sql.ref('c.storage_location_id'),
               time: sql.ref('c.taken'),
             })}
       order by c.position`.execute(db);
    for (const { position: _, ...line } of rows) yield line;
    if (rows.length < PAGE_PHOTOS) return;
    after = rows.at(-1)!.position;
  }
}

async function* byPlace(db: Handle, ref: ReprocessingRef): AsyncGenerator<Line> {
  const { rows } = await sql<Line>`
    select l.code as key, c.photos, c.before, c.after, truth.plants as truth
      from (select distinct on (p.storage_location_id)
                   p.storage_location_id, p.organisation_id,
                   count(*) over (partition by p.storage_location_id) as photos,
                   coalesce(i.detected_before, 0) as before, r.detected as after,
                   ${TAKEN} as taken
              from ${counted(ref)} and p.storage_location_id is not null
             order by p.storage_location_id, ${TAKEN} desc, p.sha256) c
      join storage_locations l
        on l.organisation_id = c.organisation_id and l.id = c.storage_location_id
           ${truthJoin({
             organisation: sql.ref('c.organisation_id'),
             place: sql.ref('c.storage_location_id'),
             time: sql.ref('c.taken'),
           })}
     order by l.code`.execute(db);
  yield* rows;
  const { rows: unplaced } = await sql<Line>`
    select '' as key, count(*) as photos, coalesce(sum(i.detected_before), 0) as before,
           sum(r.detected) as after
      from ${counted(ref)} and p.storage_location_id is null
    having count(*) > 0`.execute(db);
  yield* unplaced;
}

async function* byClass(db: Handle, ref: ReprocessingRef): AsyncGenerator<Line> {
  const sums = new Map<string, Line>();
  for (let after = 0; ; ) {
    const { rows } = await sql<Line & { readonly last: number }>`
      with c as materialized (
        select i.organisation_id, i.position, i.run_before, r.counts
          from ${counted(ref)} and i.position > ${after}
         order by i.position limit ${PAGE_PHOTOS}
      ), found as (
        select c.position, now.key, 0 as before, now.value::int as after
          from c cross join jsonb_each_text(c.counts) now
        union all
        select c.position, old.key, old.value::int, 0
          from c join runs r on r.organisation_id = c.organisation_id and r.id = c.run_before
                            and r.state = 'completed'
         cross join jsonb_each_text(r.counts) old
      )
      select page.last, found.key, count(distinct found.position) as photos,
             sum(found.before) as before, sum(found.after) as after
        from (select max(position) as last from c) page left join found on true
       group by page.last, found.key`.execute(db);
    const last = rows[0]?.last ?? null;
    if (last === null) break;
    for (const { key, photos, before, after: now } of rows) {
      // A page without a single plant.
      if (key === null) continue;
      const sum = sums.get(key) ?? { key, photos: 0, before: 0, after: 0 };
      sums.set(key, {
        key,
        photos: sum.photos + photos,
        before: sum.before + before,
        after: sum.after + now,
      });
    }
    after = last;
  }
  yield* [...sums.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
