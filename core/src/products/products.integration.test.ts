import { beforeAll, describe, expect, test } from 'bun:test';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('products by REST (PostgreSQL)', () => {
  let core: TestCore;
  beforeAll(async () => {
    core = await createTestCore(database!.db);
  });
  const call = (method: string, path: string, body?: unknown) =>
    core.call('admin', method, `/api/v1${path}`, body);

  test('from category to price', async () => {
    const category = (await call('POST', '/product-categories', { code: 'cacti', name: 'Cacti' }))
      .body;
    const family = (
      await call('POST', '/product-families', {
        code: 'mammillaria',
        name: 'Mammillaria',
        product_category_id: category.id,
      })
    ).body;
    const product = await call('POST', '/products', {
      sku: 'MAM-1',
      common_name: 'Old lady cactus',
      product_family_id: family.id,
      attributes: { light: 'full', origin: ['MX'] },
    });
    expect(product).toMatchObject({
      status: 201,
      body: {
        scientific_name: null,
        attributes: { light: 'full', origin: ['MX'] },
        retired_at: null,
      },
    });
    const packaging = (
      await call('POST', '/packagings', { sku: 'POT-05', name: 'Pot', diameter_cm: 5.25 })
    ).body;
    // numeric columns come back as numbers.
    expect(packaging.diameter_cm).toBe(5.25);
    const price = await call('POST', '/price-lists', {
      packaging_id: packaging.id,
      product_category_id: category.id,
      retail_unit_price: 990.5,
    });
    expect(price.body).toMatchObject({
      retail_unit_price: 990.5,
      wholesale_unit_price: null,
      discount_percent: 0,
      available: true,
    });
    const changed = await call('PATCH', `/price-lists/${price.body.id}`, {
      discount_percent: 12.5,
    });
    expect(changed.body).toMatchObject({ discount_percent: 12.5, retail_unit_price: 990.5 });
  });

  test.each(['p', 'C1', 'plastic', 'A1 03', 'ñ-1', '{x}', 'a'.repeat(64)])(
    'a code may be %s',
    async (code) => {
      const body = { code, name: code };
      expect((await call('POST', '/packaging-types', body)).status).toBe(201);
      expect((await call('GET', '/packaging-types')).status).toBe(200);
    },
  );

  test.each(['', ' ', ' x', 'x ', 'a\nb', 'a\u0000', 'a'.repeat(65)])(
    'a code may not be %j',
    async (code) => {
      const answer = await call('POST', '/packaging-types', { code, name: 'x' });
      expect(answer).toMatchObject({ status: 400, body: { field: 'code' } });
    },
  );

  test('a row that came by another way is shown all the same', async () => {
    await database!.db
      .insertInto('packaging_colors')
      .values({
        organisation_id: core.organisationId,
        id: crypto.randomUUID(),
        code: ` ${'x'.repeat(200)}`,
        name: '',
      })
      .execute();
    expect((await call('GET', '/packaging-colors')).body.items).toHaveLength(1);
  });

  test('a product that is retired leaves the lists and can still be read', async () => {
    const { body } = await call('GET', '/products');
    const [product] = body.items;
    await call('DELETE', `/products/${product.id}`);
    expect((await call('GET', '/products')).body.items).toEqual([]);
    expect((await call('GET', `/products/${product.id}`)).body.retired_at).toBeString();
  });

  test('nothing is assigned that the schema does not name', async () => {
    const good = { code: 'x', name: 'X', sellable: true };
    const refused: [string, Record<string, unknown>][] = [
      ['organisation_id', { ...good, organisation_id: crypto.randomUUID() }],
      ['id', { ...good, id: crypto.randomUUID() }],
      ['sellable', { ...good, sellable: 'yes' }],
      ['code', { ...good, code: '' }],
      ['code', { ...good, code: ' x' }],
      ['name', { ...good, name: null }],
      ['name', { code: 'x', sellable: true }],
    ];
    for (const [field, body] of refused) {
      const answer = await call('POST', '/product-states', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', field } });
    }
    const constructed = JSON.parse(
      '{"code":"p","name":"P","sellable":true,"__proto__":{"id":"1"}}',
    );
    expect((await call('POST', '/product-states', constructed)).status).toBe(400);
    expect((await call('GET', '/product-states')).body.items).toEqual([]);
  });

  test('what names nothing that is there is refused, also of another organisation', async () => {
    const other = await createTestCore(database!.db);
    const category = await other.call('admin', 'POST', '/api/v1/product-categories', {
      code: 'theirs',
      name: 'Theirs',
    });
    for (const product_category_id of [crypto.randomUUID(), category.body.id]) {
      const body = { code: 'f', name: 'F', product_category_id };
      const answer = await call('POST', '/product-families', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
    }
    const path = `/product-categories/${category.body.id}`;
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('PATCH', path, { name: 'Mine' })).status).toBe(404);
  });

  test('a body that is no JSON, too large, or of another kind is refused before anything else', async () => {
    const send = async (body: string, type = 'application/json') => {
      const request = new Request('http://core.test/api/v1/product-states', {
        method: 'POST',
        headers: { authorization: `Bearer ${await core.token('admin')}`, 'content-type': type },
        body,
      });
      const response = await core.fetch(request, '203.0.113.5');
      return { status: response.status, code: ((await response.json()) as { code: string }).code };
    };
    expect(await send('{"code":')).toEqual({ status: 400, code: 'INVALID_INPUT' });
    expect(await send(JSON.stringify({ code: 'x'.repeat(2_000_000) }))).toEqual({
      status: 400,
      code: 'INVALID_INPUT',
    });
    expect(await send('code=x', 'application/x-www-form-urlencoded')).toEqual({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
  });
});
