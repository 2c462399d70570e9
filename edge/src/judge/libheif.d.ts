/** libheif-js ships no types for its wrapper. */
declare module 'libheif-js/wasm-bundle' {
  interface HeifImage {
    get_width(): number;
    get_height(): number;
    /** Fills `target.data` with RGBA and calls back with it, or with null where decoding failed. */
    display(
      target: { data: Uint8ClampedArray; width: number; height: number },
      callback: (shown: unknown) => void,
    ): void;
    free(): void;
  }
  const libheif: { HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] } };
  export default libheif;
}
