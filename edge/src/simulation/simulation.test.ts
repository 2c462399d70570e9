import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { PLANTED, type Planted } from './planted.ts';
import { simulate } from './simulate.ts';

// A life takes half a second on a quiet machine.
setDefaultTimeout(180_000);

const LIVES = 8;
/** A seed from which on each is found soon; what the box does meanwhile may move it by a few. */
const FOUND_FROM: Readonly<Record<Planted, number>> = {
  'skip-fsync': 6,
  'skip-folder-fsync': 16,
  'drop-receipt': 1,
  'evict-early': 1,
  'acknowledge-early': 1,
  'believe-portal': 1,
};
const LIVES_MAX = 100;

describe('weeks of a box, simulated', () => {
  test('every photo that was acknowledged is at the centre, or accounted for', async () => {
    for (let seed = 1; seed <= LIVES; seed++) {
      const { violations, photos, starts } = await simulate(seed);
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      expect(photos).toBeGreaterThan(20);
      expect(starts).toBeGreaterThan(0);
    }
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
    const from = FOUND_FROM[planted];
    for (let seed = from; seed < from + LIVES_MAX; seed++) {
      const { violations } = await simulate(seed, { planted });
      if (violations.length === 0) continue;
      console.error(`${planted} is found by seed ${seed}: ${violations[0]}`);
      return;
    }
    throw new Error(`no seed from ${from} to ${from + LIVES_MAX - 1} finds ${planted}`);
  });
});
