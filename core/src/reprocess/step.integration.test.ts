import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { systemClock } from '@demeter/common/clock';
import { rejection } from '@demeter/common/testing';
import { sql } from 'kysely';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { createGreenhouse, type Greenhouse, NEW } from './_reprocess-fixture.ts';
import type { ReprocessContext } from './context.ts';
import { command, startReprocessing } from './control.ts';
import { expand } from './expand.ts';
import { follow } from './follow.ts';
import type { Limits } from './limits.ts';
import { measurePlan, openPlan } from './plan.ts';
import { type ReprocessingRef, readReprocessing, tryLockReprocessing } from './reprocessing.ts';
import { readResults } from './results.ts';
import { step } from './step.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const ACTOR = 'user:test';

describe.skipIf(!database)('steps of a reprocessing (needs DEMETER_TEST_DATABASE_URL)', () => {
  const db = database!.db;
  let greenhouse: Greenhouse;
  let organisationId: string;
  const greenhouses: Greenhouse[] = [];

  beforeEach(async () => {
    greenhouse = await createGreenhouse(db);
    greenhouses.push(greenhouse);
    organisationId = greenhouse.nursery.organisationId;
  });
  afterAll(async () => {
    for (const one of greenhouses) await one.close();
  });

  const plan = async (limits: Limits = {}, on: Database = db) => {
    const now = new Date();
    const wanted = { organisationId, actor: ACTOR, definition: NEW, limits, chosen: {}, now };
    const { id } = await openPlan(on, wanted);
    return await measurePlan(on, wanted, id);
  };
  const startPlan = async (planId: string, on: Database = db): Promise<ReprocessingRef> => {
    const name = 'test';
    const now = new Date();
    const row = await startReprocessing(on, { organisationId, planId, name, actor: ACTOR, now });
    return { organisationId, id: row.id };
  };
  const start = async (limits: Limits = {}) => await startPlan((await plan(limits)).id);
  const now = () => new Date();
  const say = (ref: ReprocessingRef, name: Parameters<typeof command>[2]['name']) =>
    command(db, ref, { name, actor: ACTOR });
  /** Rows there are for this organisation. */
  const count = async (table: string, where = 'true', on: Database = db) => {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}
      where organisation_id = ${organisationId} and ${sql.raw(where)}`.execute(on);
    return rows[0]!.n;
  };
  /** Ends up to `most` queued runs as a server would: the first ones, or at random. */
  const finish = async (most: number, state: 'completed' | 'quarantined' = 'completed') => {
    const { rows } = await sql<{ run_id: string }>`
      with picked as materialized (
        select run_id from run_queue where organisation_id = ${organisationId}
         order by random() limit ${most} for update skip locked
      ), taken as (
        delete from run_queue q using picked
         where q.organisation_id = ${organisationId} and q.run_id = picked.run_id
        returning q.organisation_id, q.run_id)
      update runs r set state = ${state}, detected = 3, completed_at = now(),
             timings = '{"inference_ms": 60000}'
        from taken where r.organisation_id = taken.organisation_id and r.id = taken.run_id
      returning r.id as run_id`.execute(db);
    return rows.length;
  };
  /** Steps and finishes until it has ended; answers its row. */
  const drive = async (ref: ReprocessingRef) => {
    for (let turn = 0; turn < 1000; turn++) {
      await step(db, ref, now());
      const row = await readReprocessing(db, ref);
      if (row.state === 'completed') return row;
      await finish(1000);
    }
    throw new Error('it does not end');
  };

  test('starting and a step cost the same with fifty thousand photos as with five hundred', async () => {
    // Pages are told by each connection when it likes: one connection does all that is measured,
    // and tells before each look. The others tell now; nothing else reads by itself.
    const alone = await openDatabase({ url: database!.url, poolSize: 1 });
    const tell = (on: Database) => sql`select pg_stat_force_next_flush()`.execute(on);
    const quiet = async () => {
      await sql`vacuum analyze photos, photo_sessions`.execute(alone.db);
      await Promise.all(Array.from({ length: 20 }, () => tell(db)));
    };
    await sql`do $$ declare one regclass; begin
      for one in select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
      loop execute format('alter table %s set (autovacuum_enabled = false)', one); end loop;
    end $$`.execute(alone.db);
    const pages = async () => {
      await tell(alone.db);
      const { rows } = await sql<{ pages: number }>`
        select sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read, 0)
                   + coalesce(idx_blks_hit, 0)) as pages from pg_statio_user_tables`.execute(
        alone.db,
      );
      return rows[0]!.pages;
    };
    const cost = async () => {
      const { id } = await plan({}, alone.db);
      const before = await pages();
      const ref = await startPlan(id, alone.db);
      const started = await pages();
      const tables = ['reprocessing_items', 'run_queue'];
      const rows = [];
      for (const table of tables) rows.push(await count(table, 'true', alone.db));
      const stepping = await pages();
      await step(alone.db, ref, now());
      const stepped = await pages();
      await command(alone.db, ref, { name: 'cancel', actor: ACTOR });
      return { start: started - before, step: stepped - stepping, rows };
    };
    await greenhouse.addRows(500);
    await quiet();
    const small = await cost();
    await greenhouse.addRows(50_000);
    await quiet();
    const large = await cost();
    await alone.close();
    expect(large.rows).toEqual([0, 0]);
    expect(small.start).toBeGreaterThan(0);
    expect(large.start).toBeLessThan(small.start + 100);
    // Deeper indexes, and a window of five thousand photos with their sessions, a few pages each,
    // where the planner reads all of it. Looking up fifty thousand takes two hundred thousand, and
    // adding them two million.
    expect(large.step).toBeLessThan(small.step + 25_000);
  }, 240_000);

  test('a step adds some hundred photos, however many there are, and more when few are left', async () => {
    await greenhouse.addRows(1_000);
    const ref = await start();
    const sizes: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      await step(db, ref, now());
      sizes.push(await count('run_queue'));
    }
    expect(sizes).toEqual([200, 200, 200, 200]);
    await finish(50);
    await step(db, ref, now());
    expect(await count('run_queue')).toBe(350);
  });

  test('a core that dies while it adds photos leaves nothing behind, and another goes on', async () => {
    await greenhouse.addRows(500);
    const ref = await start();
    await step(db, ref, now());
    const dying = await openDatabase({ url: database!.url, poolSize: 1 });
    const death = dying.db.transaction().execute(async (trx) => {
      const row = await tryLockReprocessing(trx, ref);
      await expand(trx, row!, 200);
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      // While it holds the lock another core passes by.
      expect(await step(db, ref, now())).toBeUndefined();
      await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(db);
      await sql`select 1`.execute(trx);
    });
    expect(await rejection(death)).toBeInstanceOf(Error);
    await dying.close();
    expect(await count('reprocessing_items')).toBe(200);
    expect(await drive(ref)).toMatchObject({ counted: 500, failed: 0, photos: 500 });
    expect(await count('runs')).toBe(500);
  });

  test('several cores at once make each photo once, and readers see every position in order', async () => {
    await greenhouse.addRows(900);
    const ref = await start();
    const other = await openDatabase({ url: database!.url, poolSize: 4 });
    let ended = false;
    const core = async (on: Database) => {
      while (!ended) {
        await step(on, ref, now());
        ended ||= (await readReprocessing(on, ref)).state === 'completed';
      }
    };
    const server = async (size: number) => {
      while (!ended) {
        await finish(size);
        await Bun.sleep(1);
      }
    };
    const reader = async () => {
      const seen: number[] = [];
      for (let last = false; ; last = ended) {
        const page = await readResults(other.db, ref, seen.length);
        seen.push(...page.map((result) => result.position));
        if (page.length === 0 && last) return seen;
      }
    };
    const [first, second] = await Promise.all([
      ...[reader(), reader()],
      ...[core(db), core(other.db), core(other.db), server(7), server(40)],
    ]);
    await other.close();
    const all = Array.from({ length: 900 }, (_, i) => i + 1);
    expect(first).toEqual(all);
    expect(second).toEqual(all);
    expect(await readReprocessing(db, ref)).toMatchObject({ counted: 900, photos: 900 });
    expect([await count('runs'), await count('run_queue')]).toEqual([900, 0]);
  }, 240_000);

  test('a photo that fails is an outcome; the same again reuses the others and tries it again', async () => {
    await greenhouse.addRows(30);
    const ref = await start();
    await step(db, ref, now());
    await finish(5, 'quarantined');
    expect(await drive(ref)).toMatchObject({ counted: 25, failed: 5, plants_after: 75 });
    expect(await plan()).toMatchObject({ photos: 30, countedAlready: 25 });
    const again = await start();
    expect(await drive(again)).toMatchObject({ counted: 5, reused: 25, failed: 0 });
    expect(await count('runs')).toBe(30);
  });

  test('two of one pipeline at once share their runs', async () => {
    await greenhouse.addRows(40);
    const [one, two] = [await start(), await start()];
    await step(db, one, now());
    await step(db, two, now());
    expect(await count('run_queue')).toBe(40);
    // The one whose runs they are is paused; the other queues them again.
    await say(one, 'pause');
    expect(await count('run_queue')).toBe(0);
    expect(await drive(two)).toMatchObject({ counted: 40 });
    await say(one, 'resume');
    expect(await drive(one)).toMatchObject({ counted: 40 });
    expect(await count('runs')).toBe(40);
  });

  test('paused it leaves the queue, resumed it goes on, cancelled it forgets what was not begun', async () => {
    await greenhouse.addRows(300);
    const ref = await start();
    await step(db, ref, now());
    await finish(20);
    await say(ref, 'pause');
    await step(db, ref, now());
    expect(await count('run_queue')).toBe(0);
    expect(await readReprocessing(db, ref)).toMatchObject({
      state: 'paused',
      pause_reason: 'person',
      counted: 20,
    });
    await say(ref, 'resume');
    await step(db, ref, now());
    expect(await count('run_queue')).toBeGreaterThanOrEqual(180);
    // One is being made: it ends, and stands beside.
    await sql`update run_queue set leased_by = 'core', lease_id = gen_random_uuid()
      where run_id = (select run_id from run_queue
                       where organisation_id = ${organisationId} limit 1)`.execute(db);
    expect((await say(ref, 'cancel')).state).toBe('cancelled');
    expect((await say(ref, 'cancel')).state).toBe('cancelled');
    expect(await count('run_queue')).toBe(1);
    expect(await count('runs', "state = 'completed'")).toBe(20);
    expect(await count('runs', "state = 'waiting'")).toBe(1);
    expect(await count('runs', "state = 'failed'")).toBe(279);
    expect(await count('reprocessing_items')).toBe(20);
    const error = await rejection(say(ref, 'resume'));
    expect(error).toMatchObject({ code: 'CONFLICT' });
    expect(await drive(await start())).toMatchObject({ counted: 280, reused: 20 });
  });

  test('a budget that is spent pauses it; resumed it has as much again', async () => {
    await greenhouse.addRows(30);
    // Each photo takes a minute of a server here.
    const ref = await start({ serverMinutesMax: 10 });
    await step(db, ref, now());
    await finish(10);
    await step(db, ref, now());
    const spent = { state: 'paused', pause_reason: 'budget', server_ms: 600_000 };
    expect(await readReprocessing(db, ref)).toMatchObject(spent);
    expect(await count('run_queue')).toBe(0);
    await say(ref, 'resume');
    await step(db, ref, now());
    await finish(9);
    await step(db, ref, now());
    expect(await readReprocessing(db, ref)).toMatchObject({ state: 'running', counted: 19 });
    await finish(1);
    await step(db, ref, now());
    expect(await readReprocessing(db, ref)).toMatchObject({ ...spent, server_ms: 1_200_000 });
  });

  test('works in its hours only, and pauses at its deadline', async () => {
    await greenhouse.addRows(10);
    const at = (time: string) => new Date(`2026-01-15T${time}:00Z`);
    const ref = await start({
      hours: { from: 20 * 60, to: 6 * 60 },
      timeZone: 'Europe/Madrid',
      deadline: '2026-01-15T23:00:00.000Z',
    });
    await step(db, ref, at('18:59'));
    expect(await readReprocessing(db, ref)).toMatchObject({
      pause_reason: 'hours',
      expanded: false,
    });
    await step(db, ref, at('19:00'));
    expect(await readReprocessing(db, ref)).toMatchObject({ state: 'running', expanded: true });
    expect(await count('run_queue')).toBe(10);
    await step(db, ref, at('23:00'));
    expect(await readReprocessing(db, ref)).toMatchObject({ pause_reason: 'deadline' });
    expect(await count('run_queue')).toBe(0);
    // A person who resumes it lifts the deadline, not the hours.
    await say(ref, 'resume');
    await step(db, ref, at('23:30'));
    expect(await readReprocessing(db, ref)).toMatchObject({ state: 'running' });
    await step(db, ref, at('05:30'));
    expect(await readReprocessing(db, ref)).toMatchObject({ pause_reason: 'hours' });
  });

  test('photos that come after the plan are not part of it; those gone from the store fail', async () => {
    await greenhouse.addRows(10);
    await sql`update photos set state = 'expired' where (organisation_id, sha256) in (
      select organisation_id, sha256 from photos where organisation_id = ${organisationId}
       order by sha256 limit 2)`.execute(db);
    const figures = await plan();
    expect(figures).toMatchObject({ photos: 10, inStore: 8 });
    expect(figures.notes).toContain('2 photos are no longer in the store.');
    await greenhouse.addRows(5);
    const ref = await startPlan(figures.id);
    expect(await drive(ref)).toMatchObject({ photos: 10, counted: 8, failed: 2 });
    const errors = (await readResults(db, ref, 0)).map((result) => result.error_code);
    expect(errors.filter((code) => code === 'PHOTO_NOT_IN_STORE')).toHaveLength(2);
  });

  test('who waits for results of one that does not go on, and is gone, is let go', async () => {
    await greenhouse.addRows(1);
    const ref = await start();
    await say(ref, 'pause');
    let looks = 0;
    const reprocessor = {
      onChange: () => {
        looks++;
        return () => {};
      },
    };
    const context = { db, clock: systemClock, reprocessor } as unknown as ReprocessContext;
    const gone = new AbortController();
    const wanted = { after: '', detections: false, noWait: false };
    const all = Array.fromAsync(follow(context, ref, wanted, gone.signal));
    gone.abort(new Error('gone'));
    expect(await rejection(all)).toMatchObject({ message: 'gone' });
    expect(looks).toBe(1);
  });

  test('a plan that has expired, or is another one, is not started', async () => {
    const { id } = await plan();
    await sql`update reprocessing_plans set expires_at = now() - interval '1 second'
      where id = ${id}`.execute(db);
    expect(await rejection(startPlan(id))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await rejection(startPlan('nothing'))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
