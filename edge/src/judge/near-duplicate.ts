/**
 * Difference hash: for each pixel of a 17 × 16 grey picture whether its right neighbour is
 * brighter; 256 bits as hex. Small shifts of light or noise change few bits.
 * Source: N. Krawetz, "Kind of Like That" (2013), with four times its bits, because trays of
 * one nursery look alike at 8 × 8.
 */
export const HASH_WIDTH = 17;
export const HASH_HEIGHT = 16;

/** Photos of one camera taken within this time can be near-duplicates (decisions: 60 s). */
export const NEAR_MS = 60_000;

/**
 * At most this many of 256 bits differ. Measured on a 5-megapixel tray: encoded anew 2, brighter 4,
 * moved by 10 px 8; on other photos: neighbouring days of one pot 28 and more, other trays 57 and
 * more.
 */
export const NEAR_BITS = 24;

/** `pixels`: grey, 17 × 16, one byte a pixel. */
export function differenceHash(pixels: Uint8Array): string {
  const bytes = Buffer.alloc((HASH_WIDTH - 1) * HASH_HEIGHT * 0.125);
  let bit = 0;
  for (let y = 0; y < HASH_HEIGHT; y++) {
    for (let x = 0; x < HASH_WIDTH - 1; x++, bit++) {
      const at = y * HASH_WIDTH + x;
      if ((pixels[at + 1] as number) > (pixels[at] as number)) {
        bytes[bit >> 3] = (bytes[bit >> 3] as number) | (1 << (bit & 7));
      }
    }
  }
  return bytes.toString('hex');
}

/** Number of bits in which two hashes differ. */
export function hashDistance(a: string, b: string): number {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  let distance = 0;
  for (let i = 0; i < left.length; i++) {
    let bits = (left[i] as number) ^ (right[i] ?? 0xff);
    for (; bits !== 0; bits &= bits - 1) distance++;
  }
  return distance;
}

export interface Candidate {
  readonly sha256: string;
  readonly phash: string;
  /** UTC milliseconds of capture, else of acceptance. */
  readonly at: number;
}

/** The photo that this one repeats: near in time and alike; the nearest in time of several. */
export function findNearDuplicate(
  photo: Candidate,
  others: readonly Candidate[],
): Candidate | undefined {
  return others
    .filter((other) => other.sha256 !== photo.sha256)
    .filter((other) => Math.abs(other.at - photo.at) <= NEAR_MS)
    .filter((other) => hashDistance(other.phash, photo.phash) <= NEAR_BITS)
    .sort((a, b) => Math.abs(a.at - photo.at) - Math.abs(b.at - photo.at))[0];
}
