import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { type RawBuilder, sql } from 'kysely';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import type { Database } from '../db/database.ts';
import { titleOf } from '../pipelines/pipeline.ts';
import { createQueueFixture, type QueueFixture } from './_queue-fixture.ts';
import {
  countFailure,
  handBack,
  leaseQuery,
  leaseRuns,
  readQueueSize,
  readWaitingSites,
  releaseOrphans,
  settle,
  waitingSitesQuery,
} from './lease.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('leases (needs DEMETER_TEST_DATABASE_URL)', () => {
  let db: Database;
  let fixture: QueueFixture;

  beforeAll(async () => {
    db = database!.db;
    fixture = await createQueueFixture(db);
  });
  afterEach(async () => {
    await sql`truncate run_queue`.execute(db);
  });

  const turn = (runs: number, site = 'a', lane = 0) => [{ lane, site, runs }];
  const lease = (runs: number, coreId = 'core-1', leaseMs = 60_000) =>
    leaseRuns(db, { coreId, leaseMs, turns: turn(runs) });

  test('twenty cores at once never lease the same run', async () => {
    await fixture.fill(100, 0, ['a']);
    const leased = await Promise.all(
      Array.from({ length: 20 }, (_, core) => lease(10, `core-${core}`)),
    );
    const ids = leased.flat().map((run) => run.run_id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(100);
    expect(await readWaitingSites(db, 10)).toEqual([]);
  });

  test('a lease carries what is needed, and shows run and session as being processed', async () => {
    await fixture.fill(1, 2, ['a']);
    const [run] = await leaseRuns(db, { coreId: 'c', leaseMs: 1000, turns: turn(5, 'a', 2) });
    expect(run && titleOf(run.pipeline)).toStartWith('plants/');
    expect(run?.sha256).toHaveLength(32);
    expect(run?.failed_on).toEqual([]);
    const { rows } = await sql<{ state: string }>`
      select state from runs where id = ${run?.run_id}`.execute(db);
    expect(rows).toEqual([{ state: 'processing' }]);
  });

  test('a lapsed lease is given to another, and the first answer no longer counts', async () => {
    await fixture.fill(1, 0, ['a']);
    const [first] = await lease(1, 'core-1', 1);
    await Bun.sleep(5);
    const [second] = await lease(1, 'core-2');
    expect(second?.run_id).toBe(first!.run_id);
    expect(await settle(db, first!)).toBe(false);
    expect(await countFailure(db, first!)).toBeNull();
    expect(await settle(db, second!)).toBe(true);
    expect(await settle(db, second!)).toBe(false);
    expect(await readQueueSize(db)).toEqual({ waiting: 0, leased: 0 });
  });

  test('handing back costs no attempt, a failure costs one', async () => {
    await fixture.fill(1, 0, ['a']);
    const [run] = await lease(1);
    await handBack(db, [run!], 0);
    const [again] = await lease(1);
    expect(again?.attempts).toBe(0);
    expect(await countFailure(db, again!)).toBe(1);
    const [third] = await lease(1);
    expect(third?.attempts).toBe(1);
  });

  test('the turn of a run that no server had begun has yet to come, unless it failed before', async () => {
    await fixture.fill(1, 0, ['a']);
    const hasBegun = async (id: string) => {
      const { rows } = await sql<{ begun: boolean }>`
        select started_at is not null as begun from runs where id = ${id}`.execute(db);
      return rows[0]?.begun;
    };
    const [run] = await lease(1);
    const id = run!.run_id;
    await handBack(db, [run!], 0, { unbegun: true });
    expect(await hasBegun(id)).toBe(false);
    const [again] = await lease(1);
    await handBack(db, [again!], 0);
    expect(await hasBegun(id)).toBe(true);
    const [failing] = await lease(1);
    await countFailure(db, failing!);
    const [last] = await lease(1);
    await handBack(db, [last!], 0, { unbegun: true });
    expect(await hasBegun(id)).toBe(true);
  });

  test('what is handed back for later is not leased before', async () => {
    await fixture.fill(1, 0, ['a']);
    const [run] = await lease(1);
    await handBack(db, [run!], 60_000);
    expect(await lease(1)).toEqual([]);
    expect(await readWaitingSites(db, 5)).toEqual([]);
  });

  test('leases of cores that are gone are given back at once, those of living ones stay', async () => {
    await fixture.fill(4, 0, ['a']);
    await lease(2, 'dead');
    await lease(2, 'alive');
    expect(await releaseOrphans(db, ['alive'])).toBe(2);
    expect(await readQueueSize(db)).toEqual({ waiting: 2, leased: 2 });
  });

  test('with 100,000 rows both queries touch as few pages as with a hundred', async () => {
    const sites = ['a', 'b', 'c', 'd', 'e'];
    const turns = sites.map((site) => ({ lane: 1, site, runs: 2 }));
    const measure = async () => {
      await sql`analyze run_queue`.execute(db);
      const waiting = await explain(db, waitingSitesQuery(4));
      const leasing = await explain(db, leaseQuery({ coreId: 'x', leaseMs: 1, turns }));
      return { waiting, leasing };
    };
    await fixture.fill(100, 1, sites);
    const small = await measure();
    await fixture.fill(100_000, 1, sites);
    const large = await measure();
    // Deeper indexes cost a page or two a lookup; reading the table would cost thousands.
    expect(large.waiting.queuePages).toBeLessThan(small.waiting.queuePages + 100);
    expect(large.leasing.queuePages).toBeLessThan(small.leasing.queuePages + 200);
    expect(large.waiting.text).toContain('run_queue_turn');
    expect(large.leasing.text).toContain('run_queue_turn');
    expect(large.waiting.text).not.toContain('Seq Scan on run_queue');
    expect(large.leasing.text).not.toContain('Seq Scan on run_queue');
  }, 240_000);
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Runs and rolls back; answers the pages read by scans of run_queue, and the plan's lines. */
async function explain(db: Database, query: RawBuilder<unknown>) {
  const undo = new Error('undo');
  let text = '';
  let queuePages = 0;
  await db
    .transaction()
    .execute(async (trx) => {
      const { rows } = await sql<{
        'QUERY PLAN': [{ Plan: PlanNode }];
      }>`explain (analyze, buffers, format json) ${query}`.execute(trx);
      const plan = rows[0]!['QUERY PLAN'][0].Plan;
      const lines: string[] = [];
      const visit = (node: PlanNode) => {
        const index = (node as { 'Index Name'?: string })['Index Name'] ?? '';
        lines.push(`${node['Node Type']} on ${node['Relation Name'] ?? ''} ${index}`);
        if (node['Relation Name'] === 'run_queue' && node['Node Type'] !== 'ModifyTable') {
          queuePages += (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0);
        }
        for (const child of node.Plans ?? []) visit(child);
      };
      visit(plan);
      text = lines.join('\n');
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return { text, queuePages };
}
