/** What a heartbeat says of clock, disk and backlog; its times are the box's. */
export interface Said {
  readonly sent_at: string;
  readonly clock_correction_ms?: number;
  readonly oldest_unsent_at: string | null;
  readonly held_bytes: number;
  readonly quota_bytes: number;
}

export interface Judged {
  /** The core's clock less the box's own; the way here counts as the box being behind. */
  readonly clockOffsetMs: number;
  /** By the core's clock, and never in its future. */
  readonly oldestUnsentAt: Date | null;
  /** Share of the quota that is held; a box may hold more than one that was lowered. */
  readonly diskShare: number;
}

/** A thousand years: beyond it a box's clock says nothing, and a column could not hold it. */
const OFFSET_MS_MAX = 1_000 * 365 * 86_400_000;

/** `now`: when the core received it, milliseconds since 1970. */
export function judgeHeartbeat(said: Said, now: number): Judged {
  const byItsOwnClock = Date.parse(said.sent_at) - (said.clock_correction_ms ?? 0);
  const difference = Math.round(now - byItsOwnClock);
  const clockOffsetMs = Math.max(-OFFSET_MS_MAX, Math.min(OFFSET_MS_MAX, difference));
  const oldest = said.oldest_unsent_at === null ? null : Date.parse(said.oldest_unsent_at);
  // Photos are stamped by the box's own clock; one that was set since can make them look newer.
  const oldestUnsentAt = oldest === null ? null : new Date(Math.min(now, oldest + clockOffsetMs));
  const diskShare = said.quota_bytes > 0 ? said.held_bytes / said.quota_bytes : 1;
  return { clockOffsetMs, oldestUnsentAt, diskShare };
}
