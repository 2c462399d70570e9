/**
 * What a box's wall clock was off by when it accepted a photo. Boxes have no battery-backed clock
 * that one can trust: it may start in 1970, be set by a year, or run backwards. The monotonic clock
 * of one start of the machine does not; one contact within that start dates all of it.
 */

/** Both clocks of a box, read at the same moment. */
export interface Clocks {
  /** One start of the machine. */
  readonly bootId: string;
  /** Starts are counted; null: sent by a box of an earlier version. */
  readonly bootNumber: number | null;
  /** Milliseconds within the start. */
  readonly monotonicMs: number;
  /** UTC milliseconds by the wall clock. */
  readonly wallMs: number;
}

/** A moment at which the core saw a box's clocks. */
export interface Contact extends Clocks {
  /** UTC milliseconds by the core's clock. */
  readonly receivedMs: number;
}

export interface BoxTime {
  /** True time less the box's wall clock; null: only the order is known. */
  readonly offsetMs: number | null;
  /** UTC milliseconds at which it was accepted; never after `receivedMs`. */
  readonly trueMs: number | null;
  /** By the monotonic clock of a start that the core had a contact with. */
  readonly exact: boolean;
}

/** Slow links and slow cores: a contact is received this much later than its clocks were read. */
const SLACK_MS = 120_000;

/**
 * `contacts`: the last of each start of this box that the core knows, the present one among them.
 * `receivedMs`: now, by the core's clock; nothing was accepted after it.
 */
export function estimateBoxTime(
  accepted: Clocks,
  contacts: readonly Contact[],
  receivedMs: number,
): BoxTime {
  const same = contacts.find(({ bootId }) => bootId === accepted.bootId);
  if (same) return atMost(accepted, same.receivedMs + accepted.monotonicMs - same.monotonicMs);
  return byWallClock(accepted, contacts, receivedMs);

  function atMost({ wallMs }: Clocks, estimate: number): BoxTime {
    const trueMs = Math.min(estimate, receivedMs);
    return { offsetMs: Math.round(trueMs - wallMs), trueMs, exact: true };
  }
}

/**
 * A start in which the core was never reached: its wall clock is believed, with what it is off by
 * now, as far as that puts it between the starts before and after it.
 */
function byWallClock(accepted: Clocks, contacts: readonly Contact[], receivedMs: number): BoxTime {
  const unknown = { offsetMs: null, trueMs: null, exact: false };
  const latest = contacts.reduce<Contact | null>(
    (last, contact) => (last === null || contact.receivedMs > last.receivedMs ? contact : last),
    null,
  );
  const number = accepted.bootNumber;
  if (latest === null || number === null) return unknown;
  const before = contacts.filter((contact) => (contact.bootNumber ?? number) < number);
  const after = contacts.filter((contact) => (contact.bootNumber ?? number) > number);
  const earliest = Math.max(...before.map((contact) => contact.receivedMs), 0);
  // A later start began when this one had ended.
  const begins = after.map((contact) => contact.receivedMs - contact.monotonicMs);
  const end = Math.min(...begins, receivedMs);
  const offsetMs = Math.round(latest.receivedMs - latest.wallMs);
  const trueMs = accepted.wallMs + offsetMs;
  if (trueMs < earliest - SLACK_MS || trueMs > end + SLACK_MS) return unknown;
  return { offsetMs, trueMs: Math.min(trueMs, receivedMs), exact: false };
}
