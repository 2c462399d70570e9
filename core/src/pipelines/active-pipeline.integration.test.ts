import { describe, expect, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import { createLogger } from '@demeter/common/logger';
import { rejection } from '@demeter/common/testing';
import { sql } from 'kysely';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { ActivePipelineStore } from './active-pipeline.ts';
import { modelsOf, titleOf } from './pipeline.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const model = (version: string, digest = version) => ({ name: 'plants', version, digest });

describe.skipIf(!database)('the active pipeline (needs DEMETER_TEST_DATABASE_URL)', () => {
  const store = async (plantsModel = 'plants', organisationId = newId()) => {
    const { db } = database!;
    await sql`insert into organisations (id, code, name)
      values (${organisationId}, ${organisationId}, 'T') on conflict do nothing`.execute(db);
    const log = createLogger('test', parseConfig({ LOG_LEVEL: 'error' }).values);
    const options = { db, organisationId, log, plantsModel, tiling: 'manifest' };
    return { pipelines: new ActivePipelineStore(options), organisationId };
  };

  test('is none until a server offers the model, and survives a restart without servers', async () => {
    const { pipelines, organisationId } = await store();
    expect(await rejection(pipelines.require())).toMatchObject({
      code: 'NO_PIPELINE',
      retryAfterSeconds: 5,
    });
    await pipelines.adopt([[{ name: 'other', version: '1', digest: 'x' }]]);
    expect(await pipelines.read()).toBeUndefined();
    await pipelines.adopt([[model('1')]]);
    const restarted = (await store('plants', organisationId)).pipelines;
    expect((await restarted.require()).definition.roles.plants).toEqual(model('1'));
  });

  test('follows a higher version at once, and a lower one not while that may come back', async () => {
    const { pipelines } = await store();
    await pipelines.adopt([[model('9')]]);
    await pipelines.adopt([[model('9'), model('10')]]);
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/10');
    await pipelines.adopt([[model('9')]]);
    expect(titleOf((await pipelines.require()).definition)).toBe('plants/10');
  });

  test('takes a file that was replaced under its version once nobody holds the old one', async () => {
    const { pipelines } = await store();
    const active = async () => modelsOf((await pipelines.require()).definition)[0]?.digest;
    await pipelines.adopt([[model('1', 'old')]]);
    await pipelines.adopt([[model('1', 'old'), model('1', 'new')]]);
    expect(await active()).toBe('old');
    await pipelines.adopt([[model('1', 'new')]]);
    expect(await active()).toBe('new');
  });

  describe('of several models', () => {
    const rose = (version: string) => ({ name: 'roses', version, digest: `rose ${version}` });
    const title = async (pipelines: ActivePipelineStore) =>
      titleOf((await pipelines.require()).definition);

    test('is none until all that are there are loaded, and follows each one’s versions', async () => {
      const { pipelines, organisationId } = await store('roses,plants');
      await pipelines.adopt([[model('1')]], [model('1'), rose('1')]);
      expect(await pipelines.read()).toBeUndefined();
      await pipelines.adopt([[model('1'), rose('1')]]);
      expect(await title(pipelines)).toBe('plants/1, roses/1');
      await pipelines.adopt([[model('2'), rose('1')]], [model('2'), rose('1'), rose('2')]);
      expect(await title(pipelines)).toBe('plants/2, roses/1');
      const restarted = (await store('plants, roses', organisationId)).pipelines;
      await restarted.adopt([[model('2'), rose('1')]]);
      expect(await title(restarted)).toBe('plants/2, roses/1');
    });

    test('does without one that no server has, but not at once without one it had', async () => {
      const { pipelines } = await store('plants,roses');
      await pipelines.adopt([[model('1')]]);
      expect(await title(pipelines)).toBe('plants/1');
      await pipelines.adopt([[model('1'), rose('1')]]);
      expect(await pipelines.adopt([[model('1')]])).toBe(false);
      expect(await title(pipelines)).toBe('plants/1, roses/1');
      expect(await pipelines.adopt([[model('1'), rose('1')]])).toBe(true);
    });

    test('does without one that is there in another version only than the one named', async () => {
      const { pipelines } = await store('plants,roses/2');
      await pipelines.adopt([[model('1'), rose('1')]]);
      expect(await title(pipelines)).toBe('plants/1');
    });

    test('waits until one server has them all', async () => {
      const { pipelines } = await store('plants,roses');
      await pipelines.adopt([[model('1')], [rose('1')]]);
      expect(await pipelines.read()).toBeUndefined();
      await pipelines.adopt([[model('2')], [model('1'), rose('1')]]);
      expect(await title(pipelines)).toBe('plants/1, roses/1');
      await pipelines.adopt([[model('2'), rose('1')], [rose('2')]]);
      expect(await title(pipelines)).toBe('plants/2, roses/1');
      // The one server that had both has let one go: they are not given up at once.
      expect(await pipelines.adopt([[model('2')], [model('1'), rose('1')]])).toBe(false);
      expect(await title(pipelines)).toBe('plants/2, roses/1');
    });
  });

  test('goes back to a version at once when that is the one named', async () => {
    const { pipelines, organisationId } = await store();
    await pipelines.adopt([[model('1'), model('2')]]);
    const pinned = (await store('plants/1', organisationId)).pipelines;
    await pinned.adopt([[model('1'), model('2')]]);
    expect(titleOf((await pinned.require()).definition)).toBe('plants/1');
    const { rows } = await sql`select 1 from pipelines
      where organisation_id = ${organisationId}`.execute(database!.db);
    expect(rows).toHaveLength(2);
  });
});
