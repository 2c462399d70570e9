/** A line through points, and how sure it is. */
export interface Slope {
  /** Units of y per unit of x. */
  readonly slope: number;
  /** Half the width of the 95 % confidence interval of the slope. */
  readonly plusMinus: number;
  readonly points: number;
}

/** Two-sided 95 % quantiles of Student's t for 1, 2, … degrees of freedom; beyond them 1.96 is near. */
const T95 = [
  ...[12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16],
  ...[2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056],
  ...[2.052, 2.048, 2.045, 2.042],
];

/** Ordinary least squares. Three points or more. */
export function leastSquares(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  if (n < 3) throw new Error(`a slope needs three points, there are ${n}`);
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / n;
  const [meanX, meanY] = [mean(0), mean(1)];
  let sxx = 0;
  let sxy = 0;
  for (const [x, y] of points) {
    sxx += (x - meanX) ** 2;
    sxy += (x - meanX) * (y - meanY);
  }
  const slope = sxy / sxx;
  const residuals = points.map(([x, y]) => y - meanY - slope * (x - meanX));
  const variance = residuals.reduce((sum, r) => sum + r * r, 0) / (n - 2);
  const t = T95[n - 3] ?? 1.96;
  return { slope, plusMinus: t * Math.sqrt(variance / sxx), points: n };
}
