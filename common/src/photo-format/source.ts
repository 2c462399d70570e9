import { open } from 'node:fs/promises';

/** Bytes that can be read anywhere, so that a header check needs no whole file in memory. */
export interface ByteSource {
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** Pixels as stored, before any rotation that EXIF asks for. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** `truncated`: the file ends inside its header. `invalid`: the header contradicts itself. */
export type SizeResult = PixelSize | 'truncated' | 'invalid';

export function bytesSource(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    read: async (offset, length) => buffer.subarray(offset, offset + length),
  };
}

/** What of an open file a source needs. */
export interface ReadableFile {
  stat(): Promise<{ readonly size: number }>;
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

export async function handleSource(handle: ReadableFile): Promise<ByteSource> {
  const { size } = await handle.stat();
  return {
    size,
    read: async (offset, length) => {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}

/** Opens a file for the time of `use`. */
export async function withFileSource<T>(
  path: string,
  use: (source: ByteSource) => Promise<T>,
): Promise<T> {
  const handle = await open(path, 'r');
  try {
    return await use(await handleSource(handle));
  } finally {
    await handle.close();
  }
}
