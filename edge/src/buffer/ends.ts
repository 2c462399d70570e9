import type { ByteSource, ReadableFile } from '@demeter/common/photo-format/source';

/** What stands before the picture in a usual photo: EXIF with its thumbnail, profiles, tables. */
const HEAD_BYTES = 128 * 1024;
/** End markers. */
const TAIL_BYTES = 64;

/**
 * The first and last bytes of what arrives, so that a usual photo is checked without asking the
 * disk for what just went there.
 */
export class Ends {
  readonly #head = Buffer.allocUnsafe(HEAD_BYTES);
  #headLength = 0;
  #tail: Buffer = Buffer.alloc(0);
  #size = 0;

  add(chunk: Uint8Array): void {
    const room = Math.min(HEAD_BYTES - this.#headLength, chunk.length);
    this.#head.set(chunk.subarray(0, room), this.#headLength);
    this.#headLength += room;
    const end = Buffer.from(chunk.subarray(-TAIL_BYTES));
    const both = end.length < TAIL_BYTES ? Buffer.concat([this.#tail, end]) : end;
    this.#tail = both.subarray(-TAIL_BYTES);
    this.#size += chunk.length;
  }

  get head(): Buffer {
    return this.#head.subarray(0, this.#headLength);
  }

  get sizeBytes(): number {
    return this.#size;
  }

  /** All bytes: those between the ends are read from the file that holds the whole. */
  source(file: ReadableFile): ByteSource {
    const size = this.#size;
    const tailAt = size - this.#tail.length;
    return {
      size,
      read: async (offset, length) => {
        const end = Math.min(offset + length, size);
        if (end <= this.#headLength) return this.#head.subarray(offset, end);
        if (offset >= tailAt) return this.#tail.subarray(offset - tailAt, end - tailAt);
        const buffer = Buffer.allocUnsafe(Math.max(0, end - offset));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        return buffer.subarray(0, bytesRead);
      },
    };
  }
}
