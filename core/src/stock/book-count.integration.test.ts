import { beforeAll, describe, expect, test } from 'bun:test';
import { rejection } from '@demeter/common/testing';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import type { Database } from '../db/database.ts';
import { createNursery, type Nursery } from './_stock-fixture.ts';
import { type BookingOutcome, bookCount } from './book-count.ts';
import { checkStock } from './check-stock.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('booking a count (PostgreSQL)', () => {
  const db = database?.db as Database;
  let nursery: Nursery;
  beforeAll(async () => {
    nursery = await createNursery(db);
  });

  const book = (photoSessionId: string): Promise<BookingOutcome> =>
    db
      .transaction()
      .execute((trx) => bookCount(trx, { organisationId: nursery.organisationId, photoSessionId }));
  const batchesAt = (locationId: string) =>
    db
      .selectFrom('stock_batches')
      .select(['id', 'code', 'quantity_initial', 'quantity_current'])
      .where('storage_location_id', '=', locationId)
      .orderBy('id')
      .execute();
  const proposalsAt = (locationId: string) =>
    db
      .selectFrom('stock_proposals as p')
      .innerJoin('stock_batches as b', 'b.id', 'p.stock_batch_id')
      .select(['p.counted', 'p.current', 'p.state'])
      .where('b.storage_location_id', '=', locationId)
      .orderBy('p.id')
      .execute();
  const stateOf = async (sessionId: string) =>
    (
      await db
        .selectFrom('photo_sessions')
        .select('state')
        .where('id', '=', sessionId)
        .executeTakeFirstOrThrow()
    ).state;

  test('the first count is a baseline with a batch that names place, product and local day', async () => {
    const at = await nursery.addLocation('A1-01', nursery.productId);
    // 23:30 UTC on the 5th is the 6th in Madrid.
    const capturedAt = new Date(Date.now() - 86_400_000);
    capturedAt.setUTCHours(23, 30, 0, 0);
    const photo = await nursery.count({ locationId: at, detected: 19, capturedAt });
    const outcome = await book(photo.sessionId);
    const nextDay = new Date(capturedAt.getTime() + 3_600_000 * 2);
    const day = nextDay.toISOString().slice(0, 10).replaceAll('-', '');
    expect(outcome).toEqual({
      state: 'completed',
      booked: 'baseline',
      batchId: expect.any(String),
      batchCode: `LOCA1-01-PRODMAM-1-${day}-001`,
    });
    expect(await batchesAt(at)).toMatchObject([{ quantity_initial: 19, quantity_current: 19 }]);
    expect(await stateOf(photo.sessionId)).toBe('completed');
    const movement = await db
      .selectFrom('stock_movements')
      .selectAll()
      .where('photo_session_id', '=', photo.sessionId)
      .executeTakeFirstOrThrow();
    expect(movement).toMatchObject({
      kind: 'photo',
      quantity: 19,
      created_by: 'system',
      run_id: photo.runId,
      photo_sha256: photo.sha256,
      pipeline_digest: nursery.pipelineDigest,
      occurred_at: capturedAt,
    });
  });

  test('booking again changes nothing', async () => {
    const at = await nursery.addLocation('A1-02', nursery.productId);
    const photo = await nursery.count({ locationId: at, detected: 5 });
    await book(photo.sessionId);
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => book(photo.sessionId)));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ booked: 'unchanged' });
    expect(await batchesAt(at)).toMatchObject([{ quantity_current: 5 }]);
    expect(await proposalsAt(at)).toEqual([]);
  });

  test('of two first counts at once one is the baseline, the other proposes', async () => {
    const at = await nursery.addLocation('A1-03', nursery.productId);
    const photos = await Promise.all([
      nursery.count({ locationId: at, detected: 10 }),
      nursery.count({ locationId: at, detected: 12 }),
    ]);
    const outcomes = await Promise.all(photos.map((photo) => book(photo.sessionId)));
    expect(outcomes.map((one) => ('booked' in one ? one.booked : '')).sort()).toEqual([
      'baseline',
      'proposal',
    ]);
    expect(await batchesAt(at)).toHaveLength(1);
  });

  test('a later count proposes, and an open proposal gives way to it', async () => {
    const at = await nursery.addLocation('A1-04', nursery.productId);
    for (const detected of [20, 18, 25]) {
      await book((await nursery.count({ locationId: at, detected })).sessionId);
    }
    expect(await batchesAt(at)).toMatchObject([{ quantity_current: 20 }]);
    expect(await proposalsAt(at)).toEqual([
      { counted: 18, current: 20, state: 'superseded' },
      { counted: 25, current: 20, state: 'open' },
    ]);
  });

  test('a photo taken before the one that was counted does not displace its proposal', async () => {
    const at = await nursery.addLocation('A1-05', nursery.productId);
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    for (const [detected, hours] of [
      [20, 9],
      [25, 1],
      [18, 5],
    ] as const) {
      const capturedAt = hoursAgo(hours);
      await book((await nursery.count({ locationId: at, detected, capturedAt })).sessionId);
    }
    expect(await proposalsAt(at)).toEqual([
      { counted: 25, current: 20, state: 'open' },
      { counted: 18, current: 20, state: 'superseded' },
    ]);
  });

  test('a count of 0 completes without movement, and proposes 0 where a batch stands', async () => {
    const empty = await nursery.addLocation('A1-06', nursery.productId);
    const first = await nursery.count({ locationId: empty, detected: 0 });
    expect(await book(first.sessionId)).toMatchObject({ state: 'completed', booked: 'none' });
    expect(await batchesAt(empty)).toEqual([]);
    const full = await nursery.addLocation('A1-07', nursery.productId);
    await book((await nursery.count({ locationId: full, detected: 7 })).sessionId);
    const second = await nursery.count({ locationId: full, detected: 0 });
    expect(await book(second.sessionId)).toMatchObject({ booked: 'proposal' });
    expect(await proposalsAt(full)).toEqual([{ counted: 0, current: 7, state: 'open' }]);
  });

  test('a count that agrees proposes nothing', async () => {
    const at = await nursery.addLocation('A1-08', nursery.productId);
    await book((await nursery.count({ locationId: at, detected: 7 })).sessionId);
    const again = await nursery.count({ locationId: at, detected: 7 });
    expect(await book(again.sessionId)).toMatchObject({
      booked: 'none',
      batchId: expect.any(String),
    });
    expect(await proposalsAt(at)).toEqual([]);
  });

  test('without a place or its configuration the booking waits, and goes on later', async () => {
    const lost = await nursery.count({ locationId: null, detected: 4 });
    expect(await book(lost.sessionId)).toEqual({ state: 'needs_location' });
    expect(await stateOf(lost.sessionId)).toBe('needs_location');
    const at = await nursery.addLocation('A1-09');
    await db
      .updateTable('photo_sessions')
      .set({ storage_location_id: at })
      .where('id', '=', lost.sessionId)
      .execute();
    expect(await book(lost.sessionId)).toEqual({ state: 'needs_config' });
    await nursery.configure(at, nursery.productId);
    expect(await book(lost.sessionId)).toMatchObject({ booked: 'baseline' });
    expect(await batchesAt(at)).toMatchObject([{ quantity_current: 4 }]);
  });

  test('a corrected place takes the stock with it, and back again', async () => {
    const wrong = await nursery.addLocation('A1-10', nursery.productId);
    const right = await nursery.addLocation('A1-11', nursery.productId);
    const photo = await nursery.count({ locationId: wrong, detected: 6 });
    await book(photo.sessionId);
    const moveTo = async (at: string) => {
      await db
        .updateTable('photo_sessions')
        .set({ storage_location_id: at })
        .where('id', '=', photo.sessionId)
        .execute();
      return await book(photo.sessionId);
    };
    expect(await moveTo(right)).toMatchObject({ booked: 'baseline' });
    expect(await batchesAt(wrong)).toMatchObject([{ quantity_current: 0 }]);
    expect(await batchesAt(right)).toMatchObject([{ quantity_current: 6 }]);
    expect(await moveTo(wrong)).toMatchObject({ booked: 'proposal' });
    expect(await batchesAt(right)).toMatchObject([{ quantity_current: 0 }]);
    expect(await proposalsAt(wrong)).toEqual([{ counted: 6, current: 0, state: 'open' }]);
  });

  test('a photo that went to an unconfigured place by mistake is booked again when it comes back', async () => {
    const home = await nursery.addLocation('A1-14', nursery.productId);
    const bare = await nursery.addLocation('A1-15');
    const photo = await nursery.count({ locationId: home, detected: 6 });
    const moveTo = async (at: string) => {
      await db
        .updateTable('photo_sessions')
        .set({ storage_location_id: at })
        .where('id', '=', photo.sessionId)
        .execute();
      return await book(photo.sessionId);
    };
    await book(photo.sessionId);
    expect(await moveTo(bare)).toEqual({ state: 'needs_config' });
    expect(await batchesAt(home)).toMatchObject([{ quantity_current: 0 }]);
    expect(await moveTo(home)).toMatchObject({ booked: 'proposal' });
    expect(await proposalsAt(home)).toEqual([{ counted: 6, current: 0, state: 'open' }]);
  });

  test('another product configured since: the old batch is proposed away', async () => {
    const at = await nursery.addLocation('A1-12', nursery.productId);
    await book((await nursery.count({ locationId: at, detected: 9 })).sessionId);
    await nursery.configure(at, nursery.otherProductId);
    const photo = await nursery.count({ locationId: at, detected: 8 });
    expect(await book(photo.sessionId)).toMatchObject({ booked: 'baseline' });
    expect(await batchesAt(at)).toMatchObject([{ quantity_current: 9 }, { quantity_current: 8 }]);
    expect(await proposalsAt(at)).toEqual([{ counted: 0, current: 9, state: 'open' }]);
  });

  test('numbers that disagree write nothing', async () => {
    const at = await nursery.addLocation('A1-13', nursery.productId);
    const photo = await nursery.count({ locationId: at, detected: 5 });
    await db
      .updateTable('photo_sessions')
      .set({ detected: 6 })
      .where('id', '=', photo.sessionId)
      .execute();
    const error = await rejection(book(photo.sessionId));
    expect(String(error)).toContain('disagree');
    expect(await batchesAt(at)).toEqual([]);
    expect(await stateOf(photo.sessionId)).toBe('processing');
  });

  test('in the end every batch is the sum of its movements', async () => {
    const check = await checkStock(db, nursery.organisationId);
    expect(check.batches).toBeGreaterThan(8);
    expect(check.disagreeing).toEqual([]);
  });
});
