import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { admit, estimateNeed, type Occupant } from './admission.ts';

const bytes = fc.integer({ min: 0, max: 1_000 });
const occupants: fc.Arbitrary<readonly Occupant[]> = fc
  .array(
    fc.record({ bytes, lastUsedMs: fc.integer({ min: 0, max: 20 }), evictable: fc.boolean() }),
    { maxLength: 8 },
  )
  .map((list) => list.map((each, index) => ({ key: `m${index}`, ...each })));
const requests = fc.record({
  needBytes: bytes,
  freeBytes: fc.integer({ min: -500, max: 1_000 }),
  occupants,
  cpuAllowed: fc.boolean(),
});
const total = (list: readonly Occupant[]) => list.reduce((sum, each) => sum + each.bytes, 0);

/** Every property on the same kind of input; fast-check prints the seed of a failure. */
function always(holds: (request: Parameters<typeof admit>[0]) => void): void {
  fc.assert(fc.property(requests, holds), { numRuns: 2_000 });
}

describe('admission', () => {
  test('ends nothing where there is room', () => {
    always((request) => {
      const { needBytes, freeBytes } = request;
      fc.pre(needBytes <= freeBytes);
      expect(admit(request)).toEqual({ action: 'admit', evict: [] });
    });
  });

  test('never ends what is pinned or in use, and ends enough', () => {
    always((request) => {
      const decision = admit(request);
      fc.pre(decision.action === 'admit');
      const evicted = request.occupants.filter(({ key }) => decision.evict.includes(key));
      expect(evicted.every(({ evictable }) => evictable)).toBe(true);
      expect(request.freeBytes + total(evicted) >= request.needBytes).toBe(true);
    });
  });

  test('ends nothing in vain', () => {
    always((request) => {
      const decision = admit(request);
      fc.pre(decision.action === 'admit');
      const evicted = request.occupants.filter(({ key }) => decision.evict.includes(key));
      for (const spared of evicted) {
        const without = request.freeBytes + total(evicted) - spared.bytes;
        expect(without).toBeLessThan(request.needBytes);
      }
    });
  });

  test('gives up only where everything that may go would not be enough', () => {
    always((request) => {
      const decision = admit(request);
      const most = request.freeBytes + total(request.occupants.filter((each) => each.evictable));
      expect(decision.action === 'admit').toBe(most >= request.needBytes);
      if (decision.action !== 'admit') {
        expect(decision.action).toBe(request.cpuAllowed ? 'fall-back' : 'refuse');
      }
    });
  });

  test('of models of one size the least recently used go', () => {
    always((request) => {
      const alike = request.occupants.map((each, index) => ({
        ...each,
        bytes: 100,
        lastUsedMs: 7 * index,
      }));
      const decision = admit({ ...request, occupants: alike });
      fc.pre(decision.action === 'admit');
      const order = alike.filter((each) => each.evictable).map(({ key }) => key);
      expect(decision.evict).toEqual(order.slice(0, decision.evict.length));
    });
  });
});

describe('what a load is expected to take', () => {
  test('is more than the file before it was measured, and more than what was measured after', () => {
    const file = { fileBytes: 7_000_000 };
    for (const kind of ['vram', 'resident'] as const) {
      expect(estimateNeed(kind, file)).toBeGreaterThan(100_000_000);
      expect(estimateNeed(kind, { ...file, measuredBytes: 50_000_000 })).toBe(55_000_000);
    }
  });
});
