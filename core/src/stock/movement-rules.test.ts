import { describe, expect, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import fc from 'fast-check';
import { batchCodePrefix, localDay } from './batch-code.ts';
import { believable } from './counted-session.ts';
import { MANUAL_KINDS, signedQuantity } from './movement-rules.ts';

describe('quantities', () => {
  test('only an adjustment may have either sign; none is ever 0', () => {
    const kinds = fc.constantFrom(...MANUAL_KINDS);
    const quantities = fc.integer({ min: -1_000, max: 1_000 });
    fc.assert(
      fc.property(kinds, quantities, (kind, quantity) => {
        const allowed = kind === 'adjustment' ? quantity !== 0 : quantity > 0;
        if (!allowed) {
          expect(() => signedQuantity(kind, quantity)).toThrow(AppError);
          return;
        }
        const signed = signedQuantity(kind, quantity);
        expect(Math.abs(signed)).toBe(Math.abs(quantity));
        if (['death', 'sale', 'transplant'].includes(kind)) expect(signed).toBeLessThan(0);
        if (['plant', 'sow'].includes(kind)) expect(signed).toBeGreaterThan(0);
      }),
    );
  });
});

describe('batch codes', () => {
  test.each([
    ['Europe/Madrid', '20260706'],
    ['America/Santiago', '20260705'],
    ['UTC', '20260705'],
    ['Pacific/Kiritimati', '20260706'],
  ])('are of the day in the warehouse’s zone: %s', (timezone, day) => {
    const at = new Date('2026-07-05T23:30:00Z');
    expect(localDay(at, timezone)).toBe(day);
    expect(batchCodePrefix({ locationCode: 'A1-03', sku: 'MAM', at, timezone })).toBe(
      `LOCA1-03-PRODMAM-${day}`,
    );
  });
});

test('a camera that lost its clock is not believed', () => {
  const received = new Date('2026-07-05T12:00:00Z');
  const day = 86_400_000;
  const at = (days: number) => new Date(received.getTime() + days * day);
  expect(believable(null, received)).toEqual(received);
  expect(believable(at(-7), received)).toEqual(at(-7));
  expect(believable(new Date('2000-01-01T00:00:00Z'), received)).toEqual(received);
  expect(believable(at(30), received)).toEqual(received);
});
