/**
 * A stream without its first bytes. Between core and store they travel once more, which costs
 * little there; between box and core, where links are slow, they do not.
 */
export function skipBytes(
  stream: ReadableStream<Uint8Array>,
  count: number,
): ReadableStream<Uint8Array> {
  if (count === 0) return stream;
  let left = count;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        const skipped = Math.min(left, chunk.byteLength);
        left -= skipped;
        if (skipped < chunk.byteLength) controller.enqueue(chunk.subarray(skipped));
      },
    }),
  );
}
