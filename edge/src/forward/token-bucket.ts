/**
 * How much may go out now, so that over any stretch of time no more leaves than burst + rate ×
 * time. Whoever takes more than there is goes into debt and waits for as long as that lasts: the
 * order of takers is the order of bytes, and none starves.
 */

export interface Rate {
  readonly bytesPerSecond: number;
  /** What may go at once after a pause. */
  readonly burstBytes: number;
}

export interface Bucket {
  /** Negative: debt. */
  readonly bytes: number;
  /** Monotonic milliseconds to which `bytes` applies. */
  readonly at: number;
}

/** A bucket after `bytes` were taken, and how long their taker waits before they are sent. */
export function take(
  bucket: Bucket,
  rate: Rate,
  now: number,
  bytes: number,
): { readonly bucket: Bucket; readonly waitMs: number } {
  const elapsed = Math.max(0, now - bucket.at) / 1000;
  const filled = Math.min(rate.burstBytes, bucket.bytes + elapsed * rate.bytesPerSecond);
  const left = filled - bytes;
  const waitMs = left >= 0 ? 0 : (-left / rate.bytesPerSecond) * 1000;
  return { bucket: { bytes: left, at: Math.max(now, bucket.at) }, waitMs };
}
