import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { newId } from '@demeter/common/ids';
import { rejection } from '@demeter/common/testing';
import { KeyRing } from '../auth/key-ring.ts';
import { readConfig } from '../config.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { ORGANISATION_CODE } from '../organisation.ts';
import { type AdminContext, openAdminContext } from './admin-context.ts';
import { manageEdges } from './edge.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('demeter edge … (needs DEMETER_TEST_DATABASE_URL)', () => {
  let context: AdminContext;
  beforeAll(async () => {
    const JWT_SECRET_KEY = 'a-secret-of-at-least-32-characters';
    context = await openAdminContext(readConfig({ DATABASE_URL: database!.url, JWT_SECRET_KEY }));
    const id = newId();
    await context.db
      .insertInto('organisations')
      .values({ id, code: ORGANISATION_CODE, name: 'Test' })
      .execute();
    await KeyRing.init(context.db, id, context.sealKey);
  });
  afterAll(async () => await context?.close());

  const run = async (words: string, options: Record<string, string | boolean> = {}) =>
    await manageEdges(context, { words: words.split(' '), options });
  const edge = async (words: string, options: Record<string, string | boolean> = {}) =>
    (await run(words, options)) as Record<string, string>;

  test('a box is added with a code, gets another, or a token; is renamed, listed and revoked', async () => {
    const made = await edge('add door', { name: 'By the door' });
    expect(made.enrolment_code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect(made.at_the_box).toBe(
      `demeter edge enrol ${made.enrolment_code} --core ${context.publicUrl()}`,
    );
    const again = await edge('code door', { hours: '2' });
    expect(again.enrolment_code).not.toBe(made.enrolment_code);
    expect(Date.parse(again.expires_at!)).toBeLessThan(Date.parse(made.expires_at!));
    const given = await edge('code door', { token: true });
    expect(given).toMatchObject({ id: made.id!, token: expect.stringMatching(/^ey/) });
    await edge('rename door', { name: 'By the gate' });
    const listed = { id: made.id, code: 'door', name: 'By the gate', backlog: null, alerts: '' };
    expect(await run('list')).toEqual([
      expect.objectContaining({ ...listed, credential: 'token' }),
    ]);
    await edge('revoke door');
    expect(await run('list')).toEqual([expect.objectContaining({ credential: 'revoked' })]);
  });

  test('a code that is taken is no second box, and lets nobody in', async () => {
    const { id, enrolment_code } = await edge('add roof');
    const codes = context.db.selectFrom('edge_codes').selectAll().where('edge_id', '=', id!);
    const before = await codes.execute();
    for (const options of [{}, { token: true }] as Record<string, boolean>[]) {
      expect(await rejection(edge('add roof', options))).toMatchObject({
        code: 'ALREADY_EXISTS',
        hint: expect.stringContaining('demeter edge code roof'),
      });
    }
    expect(await codes.execute()).toEqual(before);
    expect(enrolment_code).toBeString();
    const listed = (await run('list')) as unknown as Record<string, string>[];
    expect(listed.find(({ code }) => code === 'roof')).toMatchObject({ id, credential: 'none' });
  });

  test('one that was added by mistake is removed, with its code', async () => {
    const { id } = await edge('add rofo');
    expect(await edge('remove rofo')).toMatchObject({ id, code: 'rofo' });
    expect(await rejection(edge('code rofo'))).toMatchObject({ code: 'NOT_FOUND' });
    expect((await edge('add rofo')).id).not.toBe(id!);
  });

  test.each([
    ['revoke window', {}, 'NOT_FOUND'],
    ['remove window', {}, 'NOT_FOUND'],
    ['paint window', {}, 'INVALID_INPUT'],
    ['code door', { hours: '0' }, 'INVALID_INPUT'],
    ['rename door', {}, 'INVALID_INPUT'],
    ['add', {}, 'INVALID_INPUT'],
    [`add ${'x'.repeat(65)}`, {}, 'INVALID_INPUT'],
    ['add a\u00a0', {}, 'INVALID_INPUT'],
    ['paint door', {}, 'INVALID_INPUT'],
  ] as const)('edge %s %o is refused: %s', async (words, options, code) => {
    expect(await rejection(edge(words, options))).toMatchObject({ code });
  });
});
