/** Decodes HEIC by libheif (WebAssembly) in a Worker: it blocks the thread for seconds. */
import libheif from 'libheif-js/wasm-bundle.js';

declare const self: Worker;

// One for all photos: only its next photo makes a decoder let go of the one before.
const decoder = new libheif.HeifDecoder();

// libheif tells its reasons to stdout, which belongs to the server's start line.
let said: string[] = [];
console.log = (...words: unknown[]) => void said.push(words.join(' '));

export interface HeicRequest {
  readonly bytes: Uint8Array;
  readonly pixelsMax: number;
}

export type HeicAnswer =
  | {
      readonly width: number;
      readonly height: number;
      /** Interleaved RGBA, upright. */
      readonly data: Uint8Array<ArrayBuffer>;
    }
  | { readonly error: string; readonly tooLarge: boolean };

self.onmessage = async (event: MessageEvent<HeicRequest>) => {
  const { bytes, pixelsMax } = event.data;
  said = [];
  let images: ReturnType<typeof decoder.decode> = [];
  try {
    images = decoder.decode(bytes);
    const image = images.find((candidate) => candidate.is_primary()) ?? images[0];
    if (!image) throw new Error('the file holds no image');
    const width = image.get_width();
    const height = image.get_height();
    if (width * height > pixelsMax) {
      self.postMessage({ error: `${width} × ${height} pixels`, tooLarge: true });
      return;
    }
    const rgba = new Uint8ClampedArray(width * height * 4);
    await new Promise<void>((resolve, reject) => {
      image.display({ data: rgba, width, height }, (done: unknown) =>
        done ? resolve() : reject(new Error('the image data is damaged')),
      );
    });
    const data = new Uint8Array(rgba.buffer);
    self.postMessage({ width, height, data }, [data.buffer]);
  } catch (error) {
    self.postMessage({ error: said.join(' ') || String(error), tooLarge: false });
  } finally {
    for (const each of images) each.free();
  }
};
