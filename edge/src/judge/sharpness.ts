/**
 * Sharpness of a grey picture: the variance of its second differences along each of four
 * directions (level, upright, both diagonals), the least of them. High where there are edges; near
 * 0 out of focus, and where the camera moved: movement wipes out the edges across it alone, which
 * the usual variance of the Laplacian, a sum over directions, hardly notices.
 *
 * Source: the modified Laplacian of Nayar and Nakagawa, "Shape from focus" (1994), which takes the
 * directions apart; the variance as in Pech-Pacheco et al., "Diatom autofocusing in brightfield
 * microscopy" (2000). `pixels`: row-major, one byte a pixel.
 */
export function leastSharpness(pixels: Uint8Array, width: number, height: number): number {
  if (width < 3 || height < 3) return 0;
  const directions = [1, width, width + 1, width - 1];
  return Math.min(...directions.map((step) => sharpnessAlong(step, pixels, width, height)));
}

/** `step`: distance in the row-major pixels to the neighbour in that direction. */
function sharpnessAlong(step: number, pixels: Uint8Array, width: number, height: number): number {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * width - 1;
    // Row sums stay small integers, which the engine adds without boxing.
    let rowSum = 0;
    let rowSquares = 0;
    for (let i = y * width + 1; i < end; i++) {
      const value =
        2 * (pixels[i] as number) - (pixels[i - step] as number) - (pixels[i + step] as number);
      rowSum += value;
      rowSquares += value * value;
    }
    sum += rowSum;
    squares += rowSquares;
  }
  const count = (width - 2) * (height - 2);
  return squares / count - (sum / count) ** 2;
}
