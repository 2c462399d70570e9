import type { ByteSource, SizeResult } from './source.ts';

/** Markers of ITU-T T.81, table B.1. */
const SOS = 0xda;
const EOI = 0xd9;
/** Frame headers SOF0…SOF15 without DHT, JPG and DAC, which share their range. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** Markers without a length: TEM, RST0…7, SOI. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

const CHUNK_BYTES = 256 * 1024;
/** A camera writes a few dozen segments; a file of nothing else is no photo, and takes long to read. */
const SEGMENTS_MAX = 4096;

interface Segment {
  readonly marker: number;
  /** Of the 0xFF before the marker. */
  readonly at: number;
  /** Behind the marker and, where it has one, its payload. */
  readonly end: number;
}

/** The size from the frame header. Thumbnails inside EXIF are stepped over with their segment. */
export async function readJpegSize(source: ByteSource): Promise<SizeResult> {
  let at = 2;
  for (let count = 0; count < SEGMENTS_MAX; count++) {
    const segment = await readSegment(source, at);
    if (typeof segment === 'string') return segment;
    if (isFrame(segment.marker)) {
      const frame = await source.read(segment.at + 2, 7);
      if (frame.length < 7) return 'truncated';
      return { height: frame.readUInt16BE(3), width: frame.readUInt16BE(5) };
    }
    if (segment.marker === SOS || segment.marker === EOI) return 'invalid';
    at = segment.end;
  }
  return 'invalid';
}

/**
 * True if an end marker closes the picture. Phones append films and maps behind it, and a
 * thumbnail inside EXIF has one of its own, so the markers are followed from the front.
 */
export async function scanJpegEnd(source: ByteSource): Promise<boolean> {
  const tail = await source.read(Math.max(0, source.size - 2), 2);
  if (tail[0] === 0xff && tail[1] === EOI) return true;
  let at = 2;
  for (let count = 0; at < source.size && count < SEGMENTS_MAX; count++) {
    const segment = await readSegment(source, at);
    if (typeof segment === 'string') return false;
    if (segment.marker === EOI) return true;
    at = segment.marker === SOS ? await skipScan(source, segment.end) : segment.end;
  }
  return false;
}

async function readSegment(
  source: ByteSource,
  from: number,
): Promise<Segment | 'truncated' | 'invalid'> {
  let at = from;
  let head = await source.read(at, 4);
  if (head.length > 0 && head[0] !== 0xff) return 'invalid';
  // Any number of 0xFF may fill the space before a marker (B.1.1.2).
  if (head[1] === 0xff) {
    const fill = await source.read(at, CHUNK_BYTES);
    const other = fill.findIndex((byte) => byte !== 0xff);
    if (other < 0) return 'invalid';
    at += other - 1;
    head = await source.read(at, 4);
  }
  const marker = head[1];
  if (marker === undefined) return 'truncated';
  if (marker === EOI || isBare(marker)) return { marker, at, end: at + 2 };
  if (head.length < 4) return 'truncated';
  const length = head.readUInt16BE(2);
  if (length < 2) return 'invalid';
  const end = at + 2 + length;
  return end > source.size ? 'truncated' : { marker, at, end };
}

/** Position of the next marker that is no restart, behind entropy-coded bytes; else the size. */
async function skipScan(source: ByteSource, from: number): Promise<number> {
  let at = from;
  while (at < source.size) {
    const chunk = await source.read(at, CHUNK_BYTES);
    for (let i = chunk.indexOf(0xff); i !== -1; i = chunk.indexOf(0xff, i + 1)) {
      const next = i + 1 < chunk.length ? chunk[i + 1] : (await source.read(at + i + 1, 1))[0];
      if (next === undefined) return source.size;
      const stuffed = next === 0x00 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
      if (!stuffed) return at + i;
    }
    at += chunk.length;
  }
  return source.size;
}
