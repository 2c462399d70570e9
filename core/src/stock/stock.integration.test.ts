import { beforeAll, describe, expect, test } from 'bun:test';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { createNursery, type Nursery } from './_stock-fixture.ts';
import { bookCount } from './book-count.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('stock by REST (PostgreSQL)', () => {
  let nursery: Nursery;
  let core: TestCore;
  beforeAll(async () => {
    nursery = await createNursery(database!.db);
    core = await createTestCore(database!.db, { organisationId: nursery.organisationId });
  });

  let places = 0;
  const newPlace = (productId?: string) => nursery.addLocation(`S-${++places}`, productId);
  const call = (method: string, path: string, body?: unknown) =>
    core.call('worker', method, `/api/v1/stock${path}`, body);
  const newBatch = async (quantity: number, locationId?: string) => {
    const location_id = locationId ?? (await newPlace());
    const body = { product_id: nursery.productId, location_id, quantity };
    const answer = await call('POST', '/batches', body);
    expect(answer.status).toBe(201);
    return answer.body as { id: string; code: string; location: { id: string } };
  };
  const quantityOf = async (id: string) => {
    const { body } = await call('GET', `/batches/${id}`);
    return body.quantity_current as number;
  };
  const propose = async (locationId: string, detected: number) => {
    const photo = await nursery.count({ locationId, detected });
    const input = { organisationId: nursery.organisationId, photoSessionId: photo.sessionId };
    await database!.db.transaction().execute((trx) => bookCount(trx, input));
    const open = await call('GET', '/proposals?state=open&limit=1');
    return open.body.items[0] as { id: string; difference: number };
  };

  test('a batch by hand configures its place, and what differs from that is refused', async () => {
    const place = await newPlace();
    const batch = await newBatch(30, place);
    expect(batch.code).toMatch(/^LOCS-\d+-PRODMAM-1-\d{8}-001$/);
    const config = await core.call('worker', 'GET', `/api/v1/storage-locations/${place}/config`);
    expect(config.body).toMatchObject({ product_id: nursery.productId, version: 1 });
    const other = { product_id: nursery.otherProductId, location_id: place, quantity: 5 };
    expect(await call('POST', '/batches', other)).toMatchObject({
      status: 400,
      body: { code: 'PRODUCT_MISMATCH', field: 'product_id' },
    });
  });

  test('a batch by hand books the counts that waited for its place to be configured', async () => {
    const place = await newPlace();
    const photo = await nursery.count({ locationId: place, detected: 32 });
    const photoSessionId = photo.sessionId;
    const { organisationId } = nursery;
    const waits = await database!.db
      .transaction()
      .execute((trx) => bookCount(trx, { organisationId, photoSessionId }));
    expect(waits).toEqual({ state: 'needs_config' });
    await newBatch(30, place);
    const session = await core.call('viewer', 'GET', `/api/v1/photo-sessions/${photoSessionId}`);
    expect(session.body.state).toBe('completed');
    const open = await call('GET', '/proposals?state=open&limit=1');
    expect(open.body.items[0]).toMatchObject({ location: { id: place }, counted: 32, current: 30 });
  });

  test('photos of several states are one list, and a state that there is not is refused', async () => {
    const states = ['needs_location', 'needs_config', 'failed'] as const;
    const photos = await Promise.all(
      states.map(async (state) => {
        const photo = await nursery.count({ locationId: null, detected: 1 });
        const { sessionId } = photo;
        const sessions = database!.db.updateTable('photo_sessions').set({ state });
        await sessions.where('id', '=', sessionId).execute();
        return photo.sha256.toString('hex');
      }),
    );
    const list = (asked: string) =>
      core.call('viewer', 'GET', `/api/v1/photos?session_state=${asked}`);
    const { body } = await list('needs_location,needs_config');
    const listed = body.items.map((photo: { photo_id: string }) => photo.photo_id).sort();
    expect(listed).toEqual(photos.slice(0, 2).sort());
    expect(await list('needs_location,lost')).toMatchObject({
      status: 400,
      body: { field: 'session_state' },
    });
  });

  test('a photo that is given its place is counted in the metrics as booked', async () => {
    const photo = await nursery.count({ locationId: null, detected: 3 });
    const path = `/api/v1/photos/${photo.sha256.toString('hex')}/location`;
    const body = { location_id: await newPlace(nursery.productId) };
    expect(await core.call('worker', 'PUT', path, body)).toMatchObject({
      status: 200,
      body: { session: { state: 'completed' } },
    });
    const { body: metrics } = await core.call(null, 'GET', '/metrics');
    expect(metrics).toContain('demeter_stock_operations_total{operation_type="photo"} 1');
  });

  test('nothing is brought to a place that is retired, not even while it is being retired', async () => {
    const place = await newPlace(nursery.productId);
    const body = { product_id: nursery.productId, location_id: place, quantity: 5 };
    const [brought, retired] = await Promise.all([
      call('POST', '/batches', body),
      core.call('admin', 'DELETE', `/api/v1/storage-locations/${place}`),
    ]);
    expect([brought.status, retired.status].sort()).not.toEqual([200, 201]);
    const gone = await newPlace(nursery.productId);
    await core.call('admin', 'DELETE', `/api/v1/storage-locations/${gone}`);
    expect(await call('POST', '/batches', { ...body, location_id: gone })).toMatchObject({
      status: 404,
      body: { field: 'location_id' },
    });
  });

  test('each kind moves the batch by its sign', async () => {
    const { id } = await newBatch(100);
    const moves: [string, number, number][] = [
      ['plant', 10, 110],
      ['sow', 5, 115],
      ['death', 15, 100],
      ['sale', 40, 60],
      ['adjustment', -3, 57],
      ['adjustment', 1, 58],
    ];
    for (const [kind, quantity, after] of moves) {
      const body = { batch_id: id, kind, quantity, reason: 'counted again' };
      expect((await call('POST', '/movements', body)).status).toBe(201);
      expect(await quantityOf(id)).toBe(after);
    }
  });

  test('what cannot be is refused, and nothing is written', async () => {
    const { id } = await newBatch(10);
    const refused: [Record<string, unknown>, number, string][] = [
      [{ kind: 'sale', quantity: 11 }, 409, 'STOCK_BELOW_ZERO'],
      [{ kind: 'sale', quantity: 0 }, 400, 'ZERO_QUANTITY'],
      [{ kind: 'sale', quantity: -1 }, 400, 'INVALID_INPUT'],
      [{ kind: 'adjustment', quantity: 1 }, 400, 'INVALID_INPUT'],
      [{ kind: 'adjustment', quantity: 1, reason: ' ' }, 400, 'INVALID_INPUT'],
      [{ kind: 'photo', quantity: 1 }, 400, 'INVALID_INPUT'],
      [{ kind: 'transplant', quantity: 1 }, 400, 'INVALID_INPUT'],
      [{ kind: 'sale', quantity: 1.5 }, 400, 'INVALID_INPUT'],
      [{ kind: 'sale', quantity: 1e300 }, 400, 'INVALID_INPUT'],
      [{ kind: 'death', quantity: 1, occurred_at: '2999-01-01T00:00:00Z' }, 400, 'INVALID_INPUT'],
      [{ kind: 'death', quantity: 1, batch_id: crypto.randomUUID() }, 404, 'NOT_FOUND'],
      // Mass assignment: what a movement knows of itself is not for the caller to say.
      [{ kind: 'sale', quantity: 1, created_by: 'user:x' }, 400, 'INVALID_INPUT'],
      [{ kind: 'sale', quantity: 1, organisation_id: crypto.randomUUID() }, 400, 'INVALID_INPUT'],
      [{ kind: 'sale', quantity: 1, photo_session_id: crypto.randomUUID() }, 400, 'INVALID_INPUT'],
      [{ kind: 'sale', quantity: 1, id: crypto.randomUUID() }, 400, 'INVALID_INPUT'],
    ];
    for (const [change, status, code] of refused) {
      const answer = await call('POST', '/movements', { batch_id: id, ...change });
      expect({ ...change, status: answer.status, code: answer.body.code }).toEqual({
        ...change,
        status,
        code,
      });
    }
    expect(await quantityOf(id)).toBe(10);
    const { body } = await call('GET', `/movements?batch_id=${id}`);
    expect(body.items).toHaveLength(1);
  });

  test('a transplant writes both halves or none', async () => {
    const from = await newBatch(20);
    const place = await newPlace();
    const body = { batch_id: from.id, kind: 'transplant', quantity: 8, to_location_id: place };
    const moved = await call('POST', '/movements', body);
    expect(moved).toMatchObject({ status: 201, body: { quantity: -8, batch_id: from.id } });
    expect(moved.body.counterpart).toMatchObject({ quantity: 8 });
    expect(moved.body.transfer_id).toBe(moved.body.counterpart.transfer_id);
    const { body: there } = await call('GET', `/batches?location_id=${place}`);
    expect(there.items).toMatchObject([{ quantity_current: 8, quantity_initial: 8 }]);
    // Again: into the same batch.
    await call('POST', '/movements', { ...body, quantity: 2 });
    expect(await quantityOf(there.items[0].id)).toBe(10);
    const tooMany = await call('POST', '/movements', { ...body, quantity: 11 });
    expect(tooMany.body.code).toBe('STOCK_BELOW_ZERO');
    expect(await quantityOf(from.id)).toBe(10);
    expect(await quantityOf(there.items[0].id)).toBe(10);
    const other = await newPlace(nursery.otherProductId);
    const misfit = await call('POST', '/movements', { ...body, to_location_id: other });
    expect(misfit.body.code).toBe('PRODUCT_MISMATCH');
  });

  test('a movement sent again with its key is written once, also at the same time', async () => {
    const { id } = await newBatch(20);
    const place = await newPlace();
    const send = (key: string, body: object, role: 'worker' | 'supervisor' = 'worker') => {
      const more = { 'Idempotency-Key': key };
      return core.call(role, 'POST', '/api/v1/stock/movements', { batch_id: id, ...body }, more);
    };
    const sale = { kind: 'sale', quantity: 3 };
    const answers = await Promise.all(Array.from({ length: 5 }, () => send('a', sale)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await quantityOf(id)).toBe(17);
    const moves = { kind: 'transplant', quantity: 2, to_location_id: place };
    const moved = await send('b', moves);
    expect(moved).toMatchObject({ status: 201, body: { counterpart: { quantity: 2 } } });
    expect(await send('b', moves)).toMatchObject({ status: 200, body: moved.body });
    expect(await quantityOf(id)).toBe(15);

    for (const other of [{ ...sale, quantity: 4 }, { ...sale, kind: 'death' }, moves]) {
      expect(await send('a', other)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    }
    // Another person's keys are their own.
    expect((await send('a', sale, 'supervisor')).status).toBe(201);
    expect((await send('', sale)).status).toBe(400);
    expect(await quantityOf(id)).toBe(12);
  });

  test('a movement is taken back by its opposite, once, and by those who may', async () => {
    const from = await newBatch(20);
    const place = await newPlace();
    const body = { batch_id: from.id, kind: 'transplant', quantity: 8, to_location_id: place };
    const moved = (await call('POST', '/movements', body)).body;
    const path = `/movements/${moved.counterpart.id}`;
    expect((await call('DELETE', path)).status).toBe(403);
    const remove = (at: string) => core.call('supervisor', 'DELETE', `/api/v1/stock${at}`);
    const back = await remove(path);
    expect(back).toMatchObject({ status: 200, body: { kind: 'adjustment', quantity: 8 } });
    expect(await quantityOf(from.id)).toBe(20);
    expect((await remove(path)).body.code).toBe('CONFLICT');
    expect((await remove(`/movements/${moved.id}`)).body.code).toBe('CONFLICT');
    expect((await remove(`/movements/${back.body.id}`)).body.code).toBe('CONFLICT');
    expect((await remove(`/movements/${crypto.randomUUID()}`)).status).toBe(404);
  });

  test('the database itself refuses to change a movement', async () => {
    await newBatch(3);
    for (const query of [
      database!.db.updateTable('stock_movements').set({ quantity: 1_000 }),
      database!.db.deleteFrom('stock_movements'),
    ]) {
      expect(await query.execute().catch(String)).toContain('never change');
    }
  });

  test('a proposal is decided once, also by two at the same moment', async () => {
    const place = await newPlace(nursery.productId);
    await newBatch(20, place);
    const { id, difference } = await propose(place, 26);
    expect(difference).toBe(6);
    const answers = await Promise.all(
      ['confirm', 'reject', 'confirm', 'confirm'].map((decision) =>
        call('POST', `/proposals/${id}/${decision}`),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'PROPOSAL_DECIDED')).toHaveLength(3);
    const { body } = await call('GET', `/batches?location_id=${place}`);
    const confirmed = answers.some(({ body: one }) => one.state === 'confirmed');
    expect(body.items[0].quantity_current).toBe(confirmed ? 26 : 20);
  });

  test('what moved after the count stays moved when the proposal is confirmed', async () => {
    const place = await newPlace(nursery.productId);
    const batch = await newBatch(20, place);
    const { id } = await propose(place, 18);
    await call('POST', '/movements', { batch_id: batch.id, kind: 'sale', quantity: 5 });
    const decided = await call('POST', `/proposals/${id}/confirm`);
    expect(decided.body).toMatchObject({ state: 'confirmed', counted: 18, current: 20 });
    expect(await quantityOf(batch.id)).toBe(13);
    const { body } = await call('GET', `/movements?batch_id=${batch.id}&limit=1`);
    expect(body.items[0]).toMatchObject({
      kind: 'adjustment',
      quantity: -2,
      photo_id: expect.any(String),
    });
  });

  test('twenty sales at once never go below 0', async () => {
    const { id } = await newBatch(50);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        call('POST', '/movements', { batch_id: id, kind: 'sale', quantity: 3 }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(16);
    expect(answers.filter(({ body }) => body.code === 'STOCK_BELOW_ZERO')).toHaveLength(4);
    expect(await quantityOf(id)).toBe(2);
  });

  test('transplants in both directions at once neither lose plants nor wait for each other', async () => {
    const [a, b] = [await newBatch(100), await newBatch(100)];
    const move = (from: typeof a, to: typeof a) =>
      call('POST', '/movements', {
        batch_id: from.id,
        kind: 'transplant',
        quantity: 3,
        to_location_id: to.location.id,
      });
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => (n % 2 === 0 ? move(a, b) : move(b, a))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(201));
    expect((await quantityOf(a.id)) + (await quantityOf(b.id))).toBe(200);
  });

  test('lists go on from page to page without gap or repetition', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await call('GET', `/batches?limit=3${cursor}`);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.next === null ? '' : `&cursor=${body.next}`;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(8);
    expect((await call('GET', '/batches?cursor=zzz')).body).toMatchObject({ field: 'cursor' });
    const over = await call('GET', '/batches?limit=201');
    expect(over).toMatchObject({ status: 400, body: { field: 'limit' } });
  });

  test('in the end everything adds up', async () => {
    const { body } = await call('GET', '/check');
    expect(body.disagreeing).toEqual([]);
    expect(body.movements).toBeGreaterThan(40);
  });
});
