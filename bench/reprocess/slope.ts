export interface Sample {
  /** Answered so far. */
  readonly photos: number;
  readonly coreBytes: number;
  readonly clientBytes: number;
}

/** Bytes per photo: the line through the samples with the least squares. */
export function slope(samples: readonly Sample[], bytesOf: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const photos = mean((sample) => sample.photos);
  const bytes = mean(bytesOf);
  const covariance = mean((sample) => (sample.photos - photos) * (bytesOf(sample) - bytes));
  return covariance / mean((sample) => (sample.photos - photos) ** 2);
}
