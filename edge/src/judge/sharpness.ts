/**
 * Variance of the Laplacian of a grey picture: high where there are edges, near 0 where blurred.
 * Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (2000).
 * `pixels`: row-major, one byte a pixel.
 */
export function laplacianVariance(pixels: Uint8Array, width: number, height: number): number {
  const count = (width - 2) * (height - 2);
  if (count <= 0) return 0;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * width - 1;
    // Row sums stay small integers, which the engine adds without boxing.
    let rowSum = 0;
    let rowSquares = 0;
    for (let i = y * width + 1; i < end; i++) {
      const value =
        4 * (pixels[i] as number) -
        (pixels[i - 1] as number) -
        (pixels[i + 1] as number) -
        (pixels[i - width] as number) -
        (pixels[i + width] as number);
      rowSum += value;
      rowSquares += value * value;
    }
    sum += rowSum;
    squares += rowSquares;
  }
  return squares / count - (sum / count) ** 2;
}
