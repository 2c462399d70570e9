import { beforeAll, describe, expect, test } from 'bun:test';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { createNursery } from '../stock/_stock-fixture.ts';
import { bookCount } from '../stock/book-count.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

/** A rectangle in thousandths of a degree from (10, 50). */
const box = (west: number, south: number, width: number, depth: number) => {
  const at = (x: number, y: number) => [10 + x / 1000, 50 + y / 1000];
  const [east, north] = [west + width, south + depth];
  return {
    type: 'Polygon',
    coordinates: [
      [at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)],
    ],
  };
};

describe.skipIf(!database)('places by REST (PostgreSQL with PostGIS)', () => {
  let core: TestCore;
  let warehouseId: string;
  let areaId: string;
  beforeAll(async () => {
    core = await createTestCore(database!.db);
    warehouseId = (await create('/warehouses', { ...warehouse, code: 'GH1' })).body.id;
    areaId = (await create('/storage-areas', { ...area(warehouseId), code: 'A1' })).body.id;
  });

  const create = (path: string, body: unknown) =>
    core.call('admin', 'POST', `/api/v1${path}`, body);
  const change = (path: string, body: unknown) =>
    core.call('admin', 'PATCH', `/api/v1${path}`, body);
  const read = (path: string) => core.call('viewer', 'GET', `/api/v1${path}`);
  const remove = (path: string) => core.call('admin', 'DELETE', `/api/v1${path}`);

  const warehouse = {
    name: 'Greenhouse',
    kind: 'greenhouse',
    timezone: 'Europe/Madrid',
    polygon: box(0, 0, 10, 10),
  };
  const area = (warehouse_id: string) => ({
    name: 'Bed',
    warehouse_id,
    position: 'N',
    polygon: box(1, 1, 8, 8),
  });
  const bench = (code: string, polygon = box(2, 2, 1, 1)) => ({
    code,
    name: code,
    storage_area_id: areaId,
    polygon,
  });

  test('area and centroid are the database’s', async () => {
    const { body } = await read(`/warehouses/${warehouseId}`);
    // 0.01° by 0.01° at 50° north.
    expect(body.area_m2).toBeCloseTo(1112 * 717, -4);
    expect(body.centroid.coordinates[0]).toBeCloseTo(10.005, 6);
    const forced = await create('/warehouses', { ...warehouse, code: 'X', area_m2: 1 });
    expect(forced).toMatchObject({ status: 400, body: { field: 'area_m2' } });
  });

  test.each([
    [
      'is not closed',
      { type: 'Polygon', coordinates: [box(0, 0, 1, 1).coordinates[0]!.slice(0, -1)] },
    ],
    [
      'crosses itself',
      {
        type: 'Polygon',
        coordinates: [
          [
            [10, 50],
            [10.001, 50.001],
            [10.001, 50],
            [10, 50.001],
            [10, 50],
          ],
        ],
      },
    ],
    [
      'has no area',
      {
        type: 'Polygon',
        coordinates: [
          [
            [10, 50],
            [10.001, 50],
            [10.002, 50],
            [10, 50],
          ],
        ],
      },
    ],
    [
      'has latitude first',
      {
        type: 'Polygon',
        coordinates: [
          [
            [50, 110],
            [50, 111],
            [51, 111],
            [50, 110],
          ],
        ],
      },
    ],
  ])('a polygon that %s is refused', async (_, polygon) => {
    const answer = await create('/warehouses', { ...warehouse, code: 'bad', polygon });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'INVALID_GEOMETRY', field: 'polygon' });
  });

  test('a child lies in its parent, but for a percent', async () => {
    const outside = await create('/storage-locations', bench('B-1', box(8.5, 2, 1, 1)));
    expect(outside).toMatchObject({ status: 422, body: { code: 'PLACE_OUTSIDE_PARENT' } });
    // 9 is the bed's edge: 0.005 of 1 beyond it is half a percent.
    expect((await create('/storage-locations', bench('B-2', box(8.005, 2, 1, 1)))).status).toBe(
      201,
    );
    const { body } = await create('/storage-locations', bench('B-3', box(7, 7, 1, 1)));
    const shrunk = await change(`/storage-areas/${areaId}`, { polygon: box(1, 1, 4, 4) });
    expect(shrunk).toMatchObject({ status: 422, body: { code: 'PLACE_OUTSIDE_PARENT' } });
    expect((await remove(`/storage-locations/${body.id}`)).body.retired_at).toBeString();
  });

  test('a code is taken once in an organisation, and another organisation sees none of it', async () => {
    await create('/storage-locations', bench('B-4'));
    const again = await create('/storage-locations', bench('B-4'));
    expect(again).toMatchObject({ status: 409, body: { code: 'ALREADY_EXISTS' } });
    const other = await createTestCore(database!.db);
    expect((await other.call('admin', 'GET', `/api/v1/warehouses/${warehouseId}`)).status).toBe(
      404,
    );
    const foreign = await other.call('admin', 'POST', '/api/v1/storage-areas', {
      ...area(warehouseId),
      code: 'stolen',
    });
    expect(foreign.status).toBe(404);
    expect((await other.call('admin', 'GET', '/api/v1/map')).body).toEqual({ warehouses: [] });
  });

  test('what still holds something cannot be retired', async () => {
    const refused = await remove(`/warehouses/${warehouseId}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  });

  test('only administrators change places; whoever reads stock sees them', async () => {
    for (const role of ['supervisor', 'worker', 'viewer'] as const) {
      const body = { ...warehouse, code: `by-${role}` };
      expect((await core.call(role, 'POST', '/api/v1/warehouses', body)).status).toBe(403);
      expect((await core.call(role, 'GET', '/api/v1/warehouses')).status).toBe(200);
    }
  });

  test('who changed what is written down', async () => {
    const entries = await database!.db
      .selectFrom('audit_entries')
      .select(['action', 'actor', 'after', 'correlation_id'])
      .where('subject_id', '=', warehouseId)
      .execute();
    expect(entries).toMatchObject([
      { action: 'warehouses.create', actor: expect.stringMatching(/^user:/) },
    ]);
    expect(entries[0]?.correlation_id).toBeString();
  });
});

describe.skipIf(!database)('configuration of a place (PostgreSQL)', () => {
  test('a new version books the counts that waited for it, and the map shows them', async () => {
    const db = database!.db;
    const nursery = await createNursery(db);
    const core = await createTestCore(db, { organisationId: nursery.organisationId });
    const at = await nursery.addLocation('C-1');
    const path = `/api/v1/storage-locations/${at}/config`;
    expect((await core.call('viewer', 'GET', path)).status).toBe(404);
    const photo = await nursery.count({ locationId: at, detected: 13 });
    await db
      .updateTable('photo_sessions')
      .set({ state: 'needs_config' })
      .where('id', '=', photo.sessionId)
      .execute();
    const body = { product_id: nursery.productId };
    expect((await core.call('supervisor', 'PUT', path, body)).status).toBe(403);
    const first = await core.call('admin', 'PUT', path, body);
    expect(first).toMatchObject({ status: 200, body: { version: 1, product: { sku: 'MAM-1' } } });
    const map = await core.call('viewer', 'GET', '/api/v1/map');
    expect(map.body.warehouses[0]).toMatchObject({ plants: 13, areas: [{ plants: 13 }] });
    expect(map.body.warehouses[0].areas[0].locations[0]).toMatchObject({
      code: 'C-1',
      plants: 13,
      product: { sku: 'MAM-1' },
      last_count: {
        detected: 13,
        session_state: 'completed',
        photo_id: photo.sha256.toString('hex'),
      },
    });
    const second = await core.call('admin', 'PUT', path, { product_id: nursery.otherProductId });
    expect(second.body).toMatchObject({ version: 2, product_id: nursery.otherProductId });
    const nobody = await core.call('admin', 'PUT', path, { product_id: crypto.randomUUID() });
    expect(nobody).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
  });

  test('a count that completes while its place is configured is never left waiting', async () => {
    const db = database!.db;
    const nursery = await createNursery(db);
    const { organisationId, productId } = nursery;
    const core = await createTestCore(db, { organisationId });
    for (let round = 0; round < 20; round++) {
      const at = await nursery.addLocation(`R-${round}`);
      const { sessionId } = await nursery.count({ locationId: at, detected: 3 });
      const path = `/api/v1/storage-locations/${at}/config`;
      const [answer] = await Promise.all([
        core.call('admin', 'PUT', path, { product_id: productId }),
        db
          .transaction()
          .execute((trx) => bookCount(trx, { organisationId, photoSessionId: sessionId })),
      ]);
      expect(answer.status).toBe(200);
      const session = await db
        .selectFrom('photo_sessions')
        .select('state')
        .where('id', '=', sessionId)
        .executeTakeFirstOrThrow();
      expect([round, session.state]).toEqual([round, 'completed']);
    }
  });
});
