import { expect, test } from 'bun:test';
import { Strangers } from './strangers.ts';

const OWN = 40;

/** Strangers found in each list of processes in turn, and what the log says of them. */
function watch(before: readonly number[], ...lists: readonly (readonly number[])[]) {
  const logged: string[] = [];
  const note = (level: string) => (facts: unknown) => {
    logged.push(`${level} ${(facts as { pids: number[] }).pids.join(' ')}`);
  };
  const log = { warn: note('warn'), info: note('info') };
  const strangers = new Strangers(before, log as never, OWN);
  const found = lists.map((pids) => strangers.on({ uuid: 'GPU-1', pids }));
  return { found, logged };
}

test('whoever computes on the GPU beside the holder is told, and logged once', () => {
  const { found, logged } = watch([7], [7], [7, OWN], [7, OWN, 9], [7, OWN, 9], [OWN]);
  expect(found).toEqual([[7], [7], [7, 9], [7, 9], []]);
  expect(logged).toEqual(['warn 7', 'warn 7 9', 'info ']);
});

test('a holder that is alone on its GPU says nothing', () => {
  expect(watch([], [], [OWN])).toEqual({ found: [[], []], logged: [] });
});

test('where the driver numbers processes as the host does, one newcomer is the holder itself', () => {
  expect(watch([7], [7], [7, 4711], [7, 4711, 4712]).found).toEqual([[7], [7], [7, 4712]]);
});
