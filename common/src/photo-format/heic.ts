import type { ByteSource, PixelSize, SizeResult } from './source.ts';

/** ISO/IEC 14496-12 boxes: size, type, payload; sizes 1 (64 bits follow) and 0 (to the end). */
interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** A phone's file has under a hundred boxes on any level. */
const BOXES_MAX = 4096;

/**
 * The largest picture that `meta/iprp/ipco/ispe` states: a phone's photo is a grid of tiles whose
 * whole is the largest; thumbnails and depth maps are smaller.
 */
export async function readHeicSize(source: ByteSource): Promise<SizeResult> {
  const meta = await find(source, 0, source.size, 'meta');
  if (meta === undefined) return 'truncated';
  if (meta.end > source.size) return 'truncated';
  // `meta` is a full box: four bytes of version and flags before its children.
  const properties = await find(source, meta.start + 4, meta.end, 'iprp');
  const container = properties && (await find(source, properties.start, properties.end, 'ipco'));
  if (container === undefined) return 'invalid';
  let largest: PixelSize | undefined;
  for await (const box of boxes(source, container.start, container.end)) {
    if (box.type !== 'ispe') continue;
    const body = await source.read(box.start, 12);
    if (body.length < 12) return 'truncated';
    const size = { width: body.readUInt32BE(4), height: body.readUInt32BE(8) };
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest ?? 'invalid';
}

/** HEIC has no end marker: the top-level boxes must lie within the file, media data among them. */
export async function scanHeicEnd(source: ByteSource): Promise<boolean> {
  let media = false;
  for await (const box of boxes(source, 0, source.size)) {
    if (box.end > source.size) return false;
    if (box.type === 'mdat' || box.type === 'idat') media = true;
  }
  return media || (await hasInlineData(source));
}

/** Small pictures may lie in `meta/idat` instead of `mdat`. */
async function hasInlineData(source: ByteSource): Promise<boolean> {
  const meta = await find(source, 0, source.size, 'meta');
  return !!meta && (await find(source, meta.start + 4, meta.end, 'idat')) !== undefined;
}

async function find(
  source: ByteSource,
  from: number,
  to: number,
  type: string,
): Promise<Box | undefined> {
  for await (const box of boxes(source, from, to)) if (box.type === type) return box;
  return undefined;
}

async function* boxes(source: ByteSource, from: number, to: number): AsyncGenerator<Box> {
  let at = from;
  for (let count = 0; count < BOXES_MAX && at + 8 <= to; count++) {
    const head = await source.read(at, 16);
    if (head.length < 8) return;
    const short = head.readUInt32BE(0);
    if (short === 1 && head.length < 16) return;
    const size = short === 0 ? to - at : short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    const start = at + (short === 1 ? 16 : 8);
    if (at + size < start) return;
    yield { type: head.toString('latin1', 4, 8), start, end: at + size };
    at += size;
  }
}
