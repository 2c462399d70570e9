/** What is wrong with a box, as the centre sees it. */
export const ALERT_KINDS = ['silent', 'unsent', 'disk', 'clock'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Share of its quota from which a box is nearly full, and below which it has room again. */
export const DISK_FULL = { raise: 0.95, resolve: 0.93 } as const;
/** A box's clock differs by so much, and by less again: milliseconds. */
export const CLOCK_OFF_MS = { raise: 120_000, resolve: 60_000 } as const;
/** No box may be called silent, or a photo too old, sooner (a check of the database): milliseconds. */
export const LEAST_MS = { silent: 5 * 60_000, unsent: 3_600_000 } as const;

/** What is known of a box that is not revoked. */
export interface Watched {
  readonly lastSeenAt: Date | null;
  /** By a token that it was given: boxes of earlier versions do so, which only come with photos. */
  readonly byToken: boolean;
  readonly silentAfterMinutes: number;
  readonly unsentAfterHours: number;
  /** What it said last; null: nothing yet. */
  readonly state: {
    readonly receivedAt: Date;
    readonly oldestUnsentAt: Date | null;
    readonly diskShare: number;
    readonly clockOffsetMs: number;
  } | null;
}

/**
 * Since when an alert of this kind stands; null: it does not. One that is `open` ends only when
 * its cause is clearly over, so that a box on the edge of a limit does not come and go.
 */
export function standsSince(kind: AlertKind, box: Watched, now: Date, open: boolean): Date | null {
  const { lastSeenAt, state } = box;
  const longAgo = (at: Date | null | undefined, ms: number) =>
    at && now.getTime() - at.getTime() > ms ? at : null;
  switch (kind) {
    case 'silent':
      if (box.byToken && !state) return null;
      // A box that was never heard of is waited for by whoever sets it up.
      return longAgo(lastSeenAt, box.silentAfterMinutes * 60_000);
    case 'unsent':
      return longAgo(state?.oldestUnsentAt, box.unsentAfterHours * 3_600_000);
    case 'disk': {
      const limit = open ? DISK_FULL.resolve : DISK_FULL.raise;
      return state && state.diskShare >= limit ? state.receivedAt : null;
    }
    case 'clock': {
      const limit = open ? CLOCK_OFF_MS.resolve : CLOCK_OFF_MS.raise;
      return state && Math.abs(state.clockOffsetMs) >= limit ? state.receivedAt : null;
    }
    default:
      return kind satisfies never;
  }
}
