import type { ByteSource, SizeResult } from './source.ts';

/** The empty IEND chunk with its CRC (PNG specification, 11.2.5). */
const IEND = Buffer.from([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
const SIGNATURE_BYTES = 8;
/** Encoders cut data into pieces of 8 KiB and more: as many as make half a gigabyte. */
const CHUNKS_MAX = 65_536;

export async function readPngSize(source: ByteSource): Promise<SizeResult> {
  const header = await source.read(SIGNATURE_BYTES, 16);
  if (header.length < 16) return 'truncated';
  if (header.toString('latin1', 4, 8) !== 'IHDR') return 'invalid';
  return { width: header.readUInt32BE(8), height: header.readUInt32BE(12) };
}

/** True if an IEND chunk closes the file; bytes behind it do not matter. */
export async function scanPngEnd(source: ByteSource): Promise<boolean> {
  const tail = await source.read(Math.max(0, source.size - IEND.length), IEND.length);
  if (tail.equals(IEND)) return true;
  let at = SIGNATURE_BYTES;
  for (let count = 0; at + IEND.length <= source.size && count < CHUNKS_MAX; count++) {
    const head = await source.read(at, 8);
    if (head.toString('latin1', 4, 8) === 'IEND') return true;
    at += 12 + head.readUInt32BE(0);
  }
  return false;
}
