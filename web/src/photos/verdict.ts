/** The edge's judgement of a photo (docs/protocols.md). */
export interface Verdict {
  readonly result: string;
  readonly reasons: readonly Reason[];
  readonly isNearDuplicate: boolean;
}

interface Reason {
  readonly code: string;
  /** In words that a worker understands. */
  readonly sentence: string;
}

/** The core passes a verdict on as the edge wrote it; what is none is left out. */
export function readVerdict(value: unknown): Verdict | undefined {
  if (!isRecord(value) || typeof value.result !== 'string') return undefined;
  const reasons = Array.isArray(value.reasons) ? value.reasons.filter(isReason) : [];
  return { result: value.result, reasons, isNearDuplicate: Boolean(value.near_duplicate_of) };
}

function isReason(value: unknown): value is Reason {
  return isRecord(value) && typeof value.code === 'string' && typeof value.sentence === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
