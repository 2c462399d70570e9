import { afterEach, expect, test } from 'bun:test';
import { createAdopter } from './adopter.ts';
import type { Mesh } from './mesh/mesh.ts';
import type { OfferedModel } from './pipelines/pipeline.ts';

type State = 'STATE_READY' | 'STATE_UNLOADED' | 'STATE_UNAVAILABLE';

const model = (version: string, state: State = 'STATE_READY') => ({
  ...{ name: 'plants', version, digest: Buffer.from(version), state },
});
const versions = (models: readonly OfferedModel[]) => models.map(({ version }) => version);

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** An adopter whose store misses version 2 where no server has loaded it. */
function start() {
  const asked: unknown[] = [];
  let reports: (readonly ReturnType<typeof model>[])[] = [];
  const connected = () => reports.map((models) => ({ report: { models } }));
  const adopter = createAdopter({
    events: { publish: () => {} },
    log: { warn: () => {} },
    mesh: { connected, workers: () => ({}) } as unknown as Mesh,
    pipelines: {
      adopt: async (loaded, there = []) => {
        asked.push({ loaded: loaded.map(versions), there: versions(there) });
        return versions(loaded.flat()).includes('2');
      },
    },
    wake: () => {},
  });
  stops.push(adopter.stop);
  return {
    asked,
    /** All that it does is done when the microtasks are. */
    see: async (...seen: typeof reports) => {
      reports = seen;
      adopter.look();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('asks once for what servers hold, each by itself, without what is unavailable', async () => {
  const { asked, see } = start();
  const held = [[model('1')], [model('2'), model('3', 'STATE_UNLOADED')]];
  await see(...held);
  await see(...held);
  await see(...held, [model('4', 'STATE_UNAVAILABLE')]);
  expect(asked).toEqual([
    { loaded: [['1'], ['2']], there: ['1', '2', '3'] },
    { loaded: [['1'], ['2'], []], there: ['1', '2', '3'] },
  ]);
});

test('a model that was missed and comes back is asked for again: it is missed no longer', async () => {
  const { asked, see } = start();
  await see([model('1')], [model('2')]);
  await see([model('1')]);
  await see([model('1')], [model('2')]);
  await see([model('1')], [model('2')]);
  const both = { loaded: [['1'], ['2']], there: ['1', '2'] };
  expect(asked).toEqual([both, { loaded: [['1']], there: ['1'] }, both]);
});
