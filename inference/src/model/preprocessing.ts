/** How a photo's pixels become the numbers of a model's input. Plain data: the graph can do it too. */

/** How the whole photo is put into the input. Tiles of a larger photo are cut, never stretched. */
export const FITS = ['letterbox', 'top-left', 'stretch', 'crop', 'line', 'multiple'] as const;
/**
 * `letterbox`: shrunk to fit, in the middle; `top-left`: the same, at the top left; `stretch`: to
 * the input's size, each axis by itself; `crop`: the short side fits, the middle is cut out; `line`:
 * the height fits, the width follows, at the left; `multiple`: shrunk so that the long side fits, each
 * side rounded to a multiple of 32, nothing beside it.
 */
export type Fit = (typeof FITS)[number];

export const COLOURS = ['RGB', 'BGR', 'GREY'] as const;

/**
 * A byte v becomes ((v / 255) · (range[1] − range[0]) + range[0] − mean) / std; `mean` and `std` have
 * one number for all channels or one each, in the order of the tensor.
 */
export interface Preprocessing {
  readonly fit: Fit;
  readonly colour: (typeof COLOURS)[number];
  readonly range: readonly [number, number];
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Beside the photo, 0–255 before the formula; need not be whole. */
  readonly pad: number;
}

/** As Ultralytics trains: RGB, 0–1, grey 114 around. */
export const ULTRALYTICS: Preprocessing = {
  fit: 'letterbox',
  colour: 'RGB',
  range: [0, 1],
  mean: [0],
  std: [1],
  pad: 114,
};

/** One channel of the tensor: which channel of RGB it reads (3: grey), and the number of each byte. */
export interface Channel {
  readonly from: number;
  readonly values: Float32Array;
  /** The number beside the photo. */
  readonly pad: number;
}

const ORDER = { RGB: [0, 1, 2], BGR: [2, 1, 0], GREY: [3, 3, 3] } as const;

/** The formula as tables, one for each of the tensor's `count` channels. */
export function toChannels(options: Preprocessing, count: number): readonly Channel[] {
  const { colour, range, mean, std, pad } = options;
  return Array.from({ length: count }, (_, channel) => {
    const centre = mean[channel] ?? mean[0] ?? 0;
    const spread = std[channel] ?? std[0] ?? 1;
    const toNumber = (v: number) =>
      ((v / 255) * (range[1] - range[0]) + range[0] - centre) / spread;
    return {
      from: ORDER[colour][channel] ?? channel,
      values: Float32Array.from({ length: 256 }, (_value, v) => toNumber(v)),
      pad: toNumber(pad),
    };
  });
}
