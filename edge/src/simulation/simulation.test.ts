import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { PLANTED } from './planted.ts';
import { simulate } from './simulate.ts';

// A life takes half a second on a quiet machine.
setDefaultTimeout(600_000);

const LIVES = 4;
/** Most are found by one of the first lives. */
const LIVES_MAX = 300;
/** One flush that is left out costs a photo in few lives: the search begins shortly before one. */
const SELDOM = 21;

describe('weeks of a box, simulated', () => {
  test('every photo is at the centre, or accounted for', async () => {
    let [givenUp, regained] = [0, 0];
    for (let seed = 1; seed <= LIVES; seed++) {
      const life = await simulate(seed);
      expect(life.violations, `seed ${seed}`).toEqual([]);
      expect(life.photos).toBeGreaterThan(20);
      expect(life.starts).toBeGreaterThan(0);
      givenUp += life.givenUp;
      regained += life.regained;
    }
    // By policies; by the centre, of what it had lost.
    expect(givenUp).toBeGreaterThan(0);
    expect(regained).toBeGreaterThan(0);
  });

  test('the same seed is the same life, step by step', async () => {
    // With photos that are noted anew, whose ids are made of the disk's times.
    const [once, again] = [
      await simulate(46, { traced: true }),
      await simulate(46, { traced: true }),
    ];
    expect(once.trace.length).toBeGreaterThan(300);
    expect(again.trace).toEqual(once.trace);
  });

  test.each([...PLANTED])('a planted mistake is found: %s', async (planted) => {
    const first = planted === 'skip-fsync' ? SELDOM : 1;
    for (let seed = first; seed < first + LIVES_MAX; seed++) {
      const { violations } = await simulate(seed, { planted });
      if (violations.length === 0) continue;
      console.error(`${planted} is found by seed ${seed}: ${violations[0]}`);
      return;
    }
    throw new Error(`none of ${LIVES_MAX} lives finds ${planted}`);
  });
});
