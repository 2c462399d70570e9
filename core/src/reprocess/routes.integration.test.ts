import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { until } from '../_processes.ts';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import type { ScriptedServer } from '../mesh/_scripted-server.ts';
import {
  createGreenhouse,
  type Greenhouse,
  type RunningCore,
  startCountingServer,
  startTestCore,
} from './_reprocess-fixture.ts';
import { observeReprocessings } from './observe.ts';

// Databases and servers start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const PATH = '/api/v1/reprocessings';

describe.skipIf(!database)('reprocessings over REST (needs DEMETER_TEST_DATABASE_URL)', () => {
  let server: ScriptedServer;
  let greenhouse: Greenhouse;
  let core: RunningCore;
  let rest: TestCore;

  beforeAll(async () => {
    const started = await startCountingServer(() => {});
    server = started.server;
    // It takes no photo: what was started goes on for as long as the test.
    server.credits = 0;
    const env = { DEMETER_INFERENCE_SERVERS: started.address };
    greenhouse = await createGreenhouse(database!.db, { env });
    await greenhouse.add({ locationId: null, detected: 5 });
    await greenhouse.add({ locationId: null, detected: 6 });
    core = await startTestCore(greenhouse);
    const { organisationId } = greenhouse.nursery;
    const counting = () => core.counting;
    rest = await createTestCore(database!.db, { organisationId, counting });
    const offers = () => core.counting.mesh.connected()[0]?.view().models.length;
    await until('the server', async () => offers() === 2);
  });
  afterAll(async () => {
    await core?.stop();
    server?.stop();
    await greenhouse?.close();
  });

  test('are listed, paused, resumed and cancelled by who may, and counted for Prometheus', async () => {
    const options = { model: 'plants/2' };
    const started: string[] = [];
    for (const name of ['first', 'second']) {
      const { plan } = await core.client.call('Plan', { options });
      const { reprocessing } = await core.client.call('Start', { plan_id: plan.plan_id, name });
      started.unshift(reprocessing.reprocessing_id);
    }
    const [second = '', first = ''] = started;
    const say = async (id: string, name: string) =>
      await rest.call('admin', 'POST', `${PATH}/${id}/${name}`);
    const page = (await rest.call('admin', 'GET', `${PATH}?limit=1`)).body;
    expect(page).toMatchObject({ items: [{ id: second, state: 'running', photos: 2 }] });
    const next = (await rest.call('admin', 'GET', `${PATH}?limit=1&cursor=${page.next}`)).body;
    expect(next).toMatchObject({ items: [{ id: first, model: 'plants/2' }], next: null });
    expect(next.items[0].pipeline_digest).toMatch(/^[0-9a-f]{64}$/);
    expect((await rest.call('admin', 'GET', `${PATH}?cursor=nowhere`)).status).toBe(400);

    expect((await say(first, 'pause')).body).toMatchObject({
      id: first,
      state: 'paused',
      pause_reason: 'person',
    });
    const { metrics } = rest.context;
    observeReprocessings(rest.context);
    const shown = await metrics.registry.metrics();
    expect(shown).toContain('demeter_reprocessings{state="running"} 1\n');
    expect(shown).toContain('demeter_reprocessings{state="paused"} 1\n');
    expect(shown).toContain('demeter_reprocessing_photos{part="photos"} 2\n');
    expect((await say(first, 'resume')).body).toMatchObject({ state: 'running' });
    expect((await say(first, 'cancel')).body).toMatchObject({ state: 'cancelled' });
    const shownOne = await rest.call('admin', 'GET', `${PATH}/${first}`);
    expect(shownOne.body).toMatchObject({ state: 'cancelled', ended_at: expect.any(String) });
    const again = await say(first, 'resume');
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });

    expect((await rest.call('supervisor', 'GET', PATH)).status).toBe(403);
    expect((await rest.call('supervisor', 'POST', `${PATH}/${second}/cancel`)).status).toBe(403);
    const other = await createTestCore(database!.db);
    expect((await other.call('admin', 'GET', PATH)).body.items).toEqual([]);
    expect((await other.call('admin', 'GET', `${PATH}/${second}`)).status).toBe(404);
    expect((await other.call('admin', 'POST', `${PATH}/${second}/pause`)).status).toBe(404);
  });
});
