import { describe, expect, test } from 'bun:test';
import { sql } from 'kysely';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { ensurePartitions, isDefaultUsed, monthsAhead } from './partitions.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

test('partitions are made two months ahead, over the end of the year too', () => {
  expect(monthsAhead(new Date('2026-11-30T23:59:59Z')).map(({ from, to }) => [from, to])).toEqual([
    ['2026-11-01', '2026-12-01'],
    ['2026-12-01', '2027-01-01'],
    ['2027-01-01', '2027-02-01'],
  ]);
});

describe.skipIf(!database)('partitions of detections (needs DEMETER_TEST_DATABASE_URL)', () => {
  const insert = (at: string) => sql`
    insert into detections (organisation_id, run_id, run_created_at, ordinal, class_name,
      confidence, x1, y1, x2, y2)
    values (gen_random_uuid(), gen_random_uuid(), ${at}, 0, 'plant', 0.5, 0, 0, 1, 1)
    returning tableoid::regclass::text as month`;

  test('take the rows of their month; a month without one raises the alarm', async () => {
    const { db } = database!;
    const now = new Date('2031-12-15T00:00:00Z');
    // Two cores at once, and again at the next start.
    await Promise.allSettled([ensurePartitions(db, now), ensurePartitions(db, now)]);
    await ensurePartitions(db, now);
    const months = [];
    for (const at of ['2031-12-01T00:00:00Z', '2032-01-31T23:59:59.999Z']) {
      months.push((await insert(at).execute(db)).rows[0]);
    }
    expect(months).toEqual([{ month: 'detections_2031_12' }, { month: 'detections_2032_01' }]);
    expect(await isDefaultUsed(db)).toBe(false);
    await insert('2040-01-01T00:00:00Z').execute(db);
    expect(await isDefaultUsed(db)).toBe(true);
  });
});
