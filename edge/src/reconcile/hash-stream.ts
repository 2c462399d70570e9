import { createHash } from 'node:crypto';

/** SHA-256 (hex) of everything in a stream. */
export async function hashOfStream(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}
