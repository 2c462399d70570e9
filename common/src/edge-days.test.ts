import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  DayComparison,
  dayOf,
  digestOfDay,
  parseSightingKey,
  SIGHTING_KEY_PATTERN,
  toSightingKey,
} from './edge-days.ts';

const ULID_LETTERS = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
const key = fc
  .tuple(
    // Few photos and few sightings, so that they meet.
    fc.integer({ min: 0, max: 3 }),
    fc.string({ unit: fc.constantFrom(...ULID_LETTERS), minLength: 26, maxLength: 26 }),
  )
  .map(([photo, sightingId]) => {
    const sha256 = createHash('sha256').update(String(photo)).digest('hex');
    return toSightingKey({ sha256, sightingId });
  });
const keys = fc.uniqueArray(key, { maxLength: 40 });

test('the digest says the set, not the order', () => {
  fc.assert(
    fc.property(
      keys.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      ([all, shuffled]) => digestOfDay(all) === digestOfDay(shuffled),
    ),
  );
});

test('sets that differ have different digests', () => {
  fc.assert(
    fc.property(keys, keys, (here, there) => {
      const same =
        new Set([...here, ...there]).size === here.length && here.length === there.length;
      return (digestOfDay(here) === digestOfDay(there)) === same;
    }),
  );
});

test('a comparison in pages of any size finds exactly the differences', () => {
  fc.assert(
    fc.property(keys, keys, fc.integer({ min: 1, max: 7 }), (here, there, size) => {
      const comparison = new DayComparison(here);
      for (let at = 0; at < there.length; at += size) {
        comparison.take(there.slice(at, at + size));
        // A page that comes twice, because its answer was lost, changes nothing.
        if (at % 2 === 0) comparison.take(there.slice(at, at + size));
      }
      const [ours, theirs] = [new Set(here), new Set(there)];
      expect([...comparison.onlyHere].sort()).toEqual([...ours.difference(theirs)].sort());
      expect([...comparison.onlyThere].sort()).toEqual([...theirs.difference(ours)].sort());
      expect([...comparison.agreed].sort()).toEqual([...ours.intersection(theirs)].sort());
    }),
  );
});

test('a key is read back as it was written', () => {
  fc.assert(
    fc.property(key, (one) => {
      expect(one).toMatch(new RegExp(SIGHTING_KEY_PATTERN));
      expect(toSightingKey(parseSightingKey(one))).toBe(one);
    }),
  );
});

test('a day is one of UTC', () => {
  expect(dayOf(Date.parse('2026-03-01T23:59:59.999Z'))).toBe('2026-03-01');
  expect(dayOf(Date.parse('2026-03-02T00:30:00+01:00'))).toBe('2026-03-01');
});
