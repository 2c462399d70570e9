import { AppError } from '@demeter/common/errors';

/** Kinds that people write by hand; `photo` and `manual_init` have ways of their own. */
export const MANUAL_KINDS = ['plant', 'sow', 'death', 'sale', 'adjustment', 'transplant'] as const;

export type ManualKind = (typeof MANUAL_KINDS)[number];

/** More than any place holds; keeps sums far from the column's end. */
export const QUANTITY_MAX = 10_000_000;

const SIGN: Readonly<Record<Exclude<ManualKind, 'adjustment'>, 1 | -1>> = {
  plant: 1,
  sow: 1,
  death: -1,
  sale: -1,
  // Of the batch that the plants leave.
  transplant: -1,
};

/**
 * Plants with the sign that they change the batch by. People give a positive number, and only an
 * adjustment may have either sign. Throws ZERO_QUANTITY, INVALID_INPUT.
 */
export function signedQuantity(kind: ManualKind, quantity: number): number {
  if (quantity === 0) throw new AppError('ZERO_QUANTITY', 'A movement of 0 plants says nothing.');
  if (kind === 'adjustment') return quantity;
  if (quantity > 0) return SIGN[kind] * quantity;
  throw new AppError('INVALID_INPUT', `A ${kind} has a positive quantity; its sign is known.`, {
    field: 'quantity',
  });
}

/** A clock that runs ahead is forgiven a little; a typing error in the year is not. */
const AHEAD_MS = 10 * 60_000;

/** Throws INVALID_INPUT for a movement of the future. */
export function checkOccurredAt(occurredAt: Date, now: Date): void {
  if (occurredAt.getTime() <= now.getTime() + AHEAD_MS) return;
  throw new AppError('INVALID_INPUT', 'A movement cannot have happened in the future.', {
    field: 'occurred_at',
  });
}

/** Throws INVALID_INPUT unless an adjustment says why. */
export function checkReason(kind: ManualKind, reason: string | undefined): void {
  if (kind !== 'adjustment' || (reason ?? '').trim() !== '') return;
  throw new AppError('INVALID_INPUT', 'An adjustment needs a reason.', { field: 'reason' });
}
