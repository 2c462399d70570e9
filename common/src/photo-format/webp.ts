import type { ByteSource, SizeResult } from './source.ts';

const HEADER_BYTES = 12;

/** The canvas of VP8X, else the frame's size of VP8 or VP8L (RFC 9649, 2.5–2.7; RFC 6386, 9.1). */
export async function readWebpSize(source: ByteSource): Promise<SizeResult> {
  const chunk = await source.read(HEADER_BYTES, 18);
  if (chunk.length < 18) return 'truncated';
  switch (chunk.toString('latin1', 0, 4)) {
    case 'VP8X':
      return { width: chunk.readUIntLE(12, 3) + 1, height: chunk.readUIntLE(15, 3) + 1 };
    case 'VP8L': {
      if (chunk[8] !== 0x2f) return 'invalid';
      const bits = chunk.readUInt32LE(9);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      if (chunk.readUIntBE(11, 3) !== 0x9d012a) return 'invalid';
      return { width: chunk.readUInt16LE(14) & 0x3fff, height: chunk.readUInt16LE(16) & 0x3fff };
    default:
      return 'invalid';
  }
}

/** WebP has no end marker: the length that the RIFF header states must be there. */
export async function scanWebpEnd(source: ByteSource): Promise<boolean> {
  const header = await source.read(0, HEADER_BYTES);
  return header.length === HEADER_BYTES && header.readUInt32LE(4) + 8 <= source.size;
}
