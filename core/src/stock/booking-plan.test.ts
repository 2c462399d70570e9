import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { planBooking } from './booking-plan.ts';

const batches = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    current: fc.integer({ min: 0, max: 500 }),
    configured: fc.boolean(),
  }),
  { maxLength: 6, selector: (batch) => batch.id },
);
const counts = fc.integer({ min: 0, max: 2_000 });

describe('what a count means', () => {
  test('a baseline exactly where nothing that is configured stands and something was counted', () => {
    fc.assert(
      fc.property(counts, batches, (counted, standing) => {
        const { baseline } = planBooking(counted, standing);
        const first = !standing.some((batch) => batch.configured) && counted > 0;
        expect(baseline).toBe(first ? counted : null);
      }),
    );
  });

  test('confirmed, the place holds what was counted', () => {
    fc.assert(
      fc.property(counts, batches, (counted, standing) => {
        const { baseline, proposals } = planBooking(counted, standing);
        const after = standing.map(
          (batch) => proposals.find((one) => one.batchId === batch.id)?.counted ?? batch.current,
        );
        expect(after.reduce((sum, one) => sum + one, baseline ?? 0)).toBe(counted);
      }),
    );
  });

  test('no batch is proposed below 0, twice, or to what it holds already', () => {
    fc.assert(
      fc.property(counts, batches, (counted, standing) => {
        const { proposals } = planBooking(counted, standing);
        expect(new Set(proposals.map((one) => one.batchId)).size).toBe(proposals.length);
        for (const one of proposals) {
          expect(one.counted).toBeGreaterThanOrEqual(0);
          expect(one.counted).not.toBe(one.current);
        }
      }),
    );
  });
});
