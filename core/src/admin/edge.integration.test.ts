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
    // Whoever adds it once more means the same box.
    expect((await edge('add door')).id).toBe(made.id!);
    const given = await edge('add door', { token: true });
    expect(given).toMatchObject({ id: made.id!, token: expect.stringMatching(/^ey/) });
    await edge('rename door', { name: 'By the gate' });
    const listed = { id: made.id, code: 'door', name: 'By the gate', backlog: null, alerts: '' };
    expect(await run('list')).toEqual([
      expect.objectContaining({ ...listed, credential: 'token' }),
    ]);
    await edge('revoke door');
    expect(await run('list')).toEqual([expect.objectContaining({ credential: 'revoked' })]);
  });

  test.each([
    ['revoke window', {}, 'NOT_FOUND'],
    ['code door', { hours: '0' }, 'INVALID_INPUT'],
    ['rename door', {}, 'INVALID_INPUT'],
    ['add', {}, 'INVALID_INPUT'],
    ['paint door', {}, 'INVALID_INPUT'],
  ] as const)('edge %s %o is refused: %s', async (words, options, code) => {
    expect(await rejection(edge(words, options))).toMatchObject({ code });
  });
});
