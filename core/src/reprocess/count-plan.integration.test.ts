import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rejection } from '@demeter/common/testing';
import type { KyselyPlugin } from 'kysely';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { pipelineDigest } from '../pipelines/pipeline.ts';
import { createGreenhouse, type Greenhouse, OLD } from './_reprocess-fixture.ts';
import { countPhotos } from './count-plan.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

/** The first statements take longer than the server allows. */
function slow(statements: number): KyselyPlugin {
  let sent = 0;
  return {
    transformQuery: ({ node }) => {
      if (++sent > statements) return node;
      throw Object.assign(new Error('canceling statement due to statement timeout'), {
        code: '57014',
      });
    },
    transformResult: async ({ result }) => result,
  };
}

describe.skipIf(!database)('counting for a plan (needs DEMETER_TEST_DATABASE_URL)', () => {
  const { db } = database!;
  let greenhouse: Greenhouse;
  beforeAll(async () => {
    greenhouse = await createGreenhouse(db);
    await greenhouse.addRows(300);
    const places = await Promise.all(
      ['P-1', 'P-2'].map((code) => greenhouse.nursery.addLocation(code)),
    );
    for (const locationId of [...places, ...places, null]) {
      await greenhouse.add({ locationId, detected: 3 });
      await greenhouse.add({ locationId, detected: null });
    }
  });
  afterAll(() => greenhouse?.close());

  const plan = (byte = 9) => ({
    organisationId: greenhouse.nursery.organisationId,
    id: '01890000-0000-7000-8000-000000000000',
    chosen: {},
    digest: byte === 0 ? pipelineDigest(OLD) : Buffer.alloc(32, byte),
  });

  test('gives the same numbers in parts where all at once takes too long', async () => {
    const [fresh, known] = [await countPhotos(db, plan()), await countPhotos(db, plan(0))];
    expect(fresh).toEqual({
      photos: 310,
      in_store: 310,
      counted_already: 0,
      to_count: 310,
      places: 2,
    });
    expect(known).toMatchObject({ photos: 310, counted_already: 5, to_count: 305, places: 2 });
    for (const [asked, all] of [
      [plan(), fresh],
      [plan(0), known],
    ] as const) {
      expect(await countPhotos(db.withPlugin(slow(1)), asked)).toEqual(all);
    }
  });

  test('ends with a hint where a part takes too long too, and once nobody waits for it', async () => {
    const failure = await rejection(countPhotos(db.withPlugin(slow(2)), plan()));
    expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED', field: 'filter' });
    const signal = AbortSignal.abort(new Error('gone'));
    expect(await rejection(countPhotos(db, { ...plan(), signal }))).toMatchObject({
      message: 'gone',
    });
  });
});
