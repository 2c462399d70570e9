/**
 * What happens as the disk fills, as rules without I/O. The order is a choice: the edge would
 * rather forget its copy of a photo that the centre holds than refuse one that nobody holds.
 * Photos without a receipt are never candidates, however full it is.
 */

export const WARN_SHARE = 0.8;
export const EVICT_SHARE = 0.9;
/** From here the last room is for photos: no copies for the local store, nothing derived. */
const PAUSE_SHARE = 0.95;
export const REFUSE_SHARE = 0.98;

export type Fullness = 'ok' | 'warn' | 'evict' | 'refuse';

export function fullness(usedBytes: number, quotaBytes: number): Fullness {
  const share = usedBytes / quotaBytes;
  if (share >= REFUSE_SHARE) return 'refuse';
  if (share >= EVICT_SHARE) return 'evict';
  return share >= WARN_SHARE ? 'warn' : 'ok';
}

export function pausesCopies(usedBytes: number, quotaBytes: number): boolean {
  return usedBytes >= quotaBytes * PAUSE_SHARE;
}

export interface VerifiedPhoto {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** UTC milliseconds. */
  readonly verifiedAt: number;
  /** When a comparison after the receipt found it at the centre; null: none has yet. */
  readonly reconciledAt: number | null;
  /** Its policy keeps it here until then; null: it says nothing of that. */
  readonly keepUntil?: number | null;
}

export interface EvictionRule {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  readonly now: number;
  readonly keepMs: number;
}

/**
 * Which verified photos go, oldest first: those kept long enough that the centre still had when it
 * was asked again, then as many as make room, for which the receipt must do.
 */
export function chooseEvictions(verified: readonly VerifiedPhoto[], rule: EvictionRule): string[] {
  const oldestFirst = [...verified].sort((a, b) => a.verifiedAt - b.verifiedAt);
  const chosen: string[] = [];
  let used = rule.usedBytes;
  for (const photo of oldestFirst) {
    const kept = rule.now < (photo.keepUntil ?? 0);
    const known = photo.reconciledAt !== null;
    const old = rule.now - photo.verifiedAt >= rule.keepMs && known && !kept;
    const full = used > rule.quotaBytes * EVICT_SHARE;
    if (!old && !full) continue;
    chosen.push(photo.sha256);
    used -= photo.sizeBytes;
  }
  return chosen;
}
