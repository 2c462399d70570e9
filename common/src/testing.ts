/** For tests only: `await expect(p).rejects` blocks Bun's event loop, this does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection, but the promise was fulfilled');
}

/** A photo made longer by comments, which every decoder skips: its pixels stay as they are. */
export function enlarge(jpeg: Uint8Array, sizeBytes: number): Uint8Array {
  const comments: Uint8Array[] = [];
  for (let missing = sizeBytes - jpeg.length; missing > 0; ) {
    // Length of the segment without its marker, which counts its own two bytes.
    const length = Math.min(65_533, Math.max(2, missing - 2));
    const comment = new Uint8Array(length + 2).fill(0x20);
    comment.set([0xff, 0xfe, length >> 8, length & 0xff]);
    comments.push(comment);
    missing -= comment.length;
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}
