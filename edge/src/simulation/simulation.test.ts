import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { PLANTED } from './planted.ts';
import { simulate } from './simulate.ts';

// A life takes half a second on a quiet machine.
setDefaultTimeout(600_000);

const LIVES = [1, 2, 3, 4];
/** Each is found by one of the first lives. */
const LIVES_MAX = 60;

describe('weeks of a box, simulated', () => {
  test.each(LIVES)('seed %d: every photo is at the centre, or accounted for', async (seed) => {
    const { violations, photos, starts } = await simulate(seed);
    expect(violations).toEqual([]);
    expect(photos).toBeGreaterThan(20);
    expect(starts).toBeGreaterThan(0);
  });

  test('the same seed is the same life, step by step', async () => {
    const [once, again] = [
      await simulate(3, { traced: true }),
      await simulate(3, { traced: true }),
    ];
    expect(once.trace.length).toBeGreaterThan(300);
    expect(again.trace).toEqual(once.trace);
  });

  test.each([...PLANTED])('a planted mistake is found: %s', async (planted) => {
    for (let seed = 1; seed <= LIVES_MAX; seed++) {
      const { violations } = await simulate(seed, { planted });
      if (violations.length === 0) continue;
      console.error(`${planted} is found by seed ${seed}: ${violations[0]}`);
      return;
    }
    throw new Error(`no seed up to ${LIVES_MAX} finds ${planted}`);
  });
});
