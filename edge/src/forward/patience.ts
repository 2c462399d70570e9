/**
 * How long an upload may be silent before its connection counts as dead: no byte of it taken, and
 * no answer. What counts is progress, never the time that the whole takes. But systems and routers
 * on the way take bytes long before they carry them, so that an upload which goes well is silent
 * too, on a slow link for about as long as its bytes take. How fast the link is the uploads before
 * have shown.
 */

/** Silence is suspect only when the whole would have taken this many times less. */
const SHARE = 4;
/** TCP sends a lost packet again after 1, 2, 4 s: a link that loses many is given this. */
const SILENCE_MIN_MS = 15_000;
/** While nothing is known of the link. */
const SILENCE_START_MS = 120_000;
/** The slowest link that is worth a try: 64 kbit/s. */
const BYTES_PER_MS_MIN = 8;
/** What is smaller says more of the way there and back than of the link's width. */
const BYTES_MIN = 128 * 1024;

/**
 * Only a whole piece that was taken is a sign of life. What should take a quarter of a second may
 * take 60 times as long within the least silence; and the slowest link carries a smallest piece in it.
 */
const PIECE_MS = 250;
const PIECE_BYTES_MIN = SILENCE_MIN_MS * BYTES_PER_MS_MIN;

export interface Patience {
  /** Of the link, by uploads that arrived; null: none has yet. */
  readonly bytesPerMs: number | null;
  /** Uploads given up since the last one arrived. */
  readonly stalls: number;
}

export const UNKNOWN: Patience = { bytesPerMs: null, stalls: 0 };

/** Milliseconds of silence that an upload of so many bytes is given. */
export function silenceMaxMs({ bytesPerMs, stalls }: Patience, bytes: number): number {
  const known =
    bytesPerMs === null ? SILENCE_START_MS : (SHARE * Math.max(bytes, BYTES_MIN)) / bytesPerMs;
  const max = Math.max(SILENCE_START_MS, bytes / BYTES_PER_MS_MIN);
  // A link that has become slower is given twice the time, not the same again.
  return Math.min(max, Math.max(SILENCE_MIN_MS, known) * 2 ** Math.min(stalls, 10));
}

/** As many bytes at most as are handed on at once: fewer pieces cost the processor less. */
export function pieceBytesMax({ bytesPerMs, stalls }: Patience): number {
  const isKnown = bytesPerMs !== null && stalls === 0;
  return isKnown ? Math.max(PIECE_BYTES_MIN, Math.floor(bytesPerMs * PIECE_MS)) : PIECE_BYTES_MIN;
}

/** After an upload that arrived: the slower of what was seen is believed at once. */
export function afterArrival(before: Patience, bytes: number, ms: number): Patience {
  const seen = Math.max(bytes, BYTES_MIN) / Math.max(1, ms);
  const known = before.bytesPerMs;
  return { bytesPerMs: known === null || seen < known ? seen : (known + seen) / 2, stalls: 0 };
}

/** After one that was given up. */
export function afterStall(before: Patience): Patience {
  return { ...before, stalls: before.stalls + 1 };
}
