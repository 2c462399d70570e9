import { AppError } from '@demeter/common/errors';
import { z } from 'zod';
import { LAYOUTS } from './layouts/layouts.ts';
import { COLOURS, FITS } from './preprocessing.ts';

const share = z.number().min(0).max(1);
const pixels = z.number().int().min(32).max(8192);
/** Values of APP_ENV. */
const PROFILES = ['development', 'staging', 'production'] as const;
const perChannel = z.array(z.number()).min(1).max(3);

/**
 * `models/<name>/<version>/manifest.json`. Other fields (licence, metrics, card…) are for people. What
 * a layout needs beyond the required ones is checked in to-spec.ts.
 */
const manifestSchema = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, 'letters, digits, ".", "_" and "-"'),
  version: z.string().min(1),
  role: z.string().min(1),
  /** Values of APP_ENV under which it is served; left out: all. */
  profiles: z.array(z.enum(PROFILES)).min(1).optional(),
  /** How much its boxes count beside other models of its role. */
  weight: z.number().positive().default(1),
  /** The ONNX file, beside the manifest. */
  file: z
    .string()
    .endsWith('.onnx')
    .refine((f) => !f.includes('/') && !f.includes('\\'), 'a file beside the manifest'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits'),
  input: z.object({
    /** Height, width. The model may leave them open: tiles have this size. */
    size: z.tuple([pixels, pixels]),
    layout: z.literal('NCHW').default('NCHW'),
    dtype: z.literal('float32').default('float32'),
    /** What the layout was trained with, where left out: model/preprocessing.ts. */
    fit: z.enum(FITS).optional(),
    color: z.enum(COLOURS).optional(),
    range: z.tuple([z.number(), z.number()]).optional(),
    mean: perChannel.optional(),
    std: perChannel.refine((std) => !std.includes(0), 'not 0').optional(),
    /** Beside the photo, 0–255. */
    pad: z.number().min(0).max(255).optional(),
  }),
  output: z
    .object({
      layout: z.enum(LAYOUTS.map(({ name }) => name)),
      /** Of pose models: keypoints per object, and numbers per keypoint. */
      keypoints: z.tuple([z.number().int().positive(), z.literal([2, 3])]).optional(),
      /** Of text readers: the characters in order, without the blank. */
      characters: z.array(z.string()).min(1).optional(),
    })
    .default({ layout: 'yolo-detect' }),
  classes: z.array(z.string().min(1)).min(1).optional(),
  thresholds: z
    .object({
      confidence: share,
      iou: share,
      /** A box also goes when more than this share of it lies in a better one of its class. */
      inside: share.default(1),
      /** Least score of an object that the photo's edge cuts; below `confidence` it says nothing. */
      edge_confidence: share.default(0),
    })
    .optional(),
  tiling: z.enum(['auto', 'off']).default('auto'),
  tile_overlap: z.number().min(0).max(0.5).default(0.2),
  /** Least and largest sqrt(w · h) of objects, in pixels of the input, that it was trained for. */
  object_px: z.tuple([z.number().positive(), z.number().positive()]).optional(),
  /** Long sides at which a photo is tried. */
  scale_levels: z.array(pixels).min(1).default([320, 640, 1280, 2560]),
  /** Up to this level the next one is looked at too, and taken if it finds so many times more. */
  scale_check: z
    .object({ up_to: z.number().nonnegative(), more_than: z.number().positive() })
    .default({ up_to: 0, more_than: 1 }),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Reads a manifest's text. Throws MODEL_INVALID naming each field that is wrong. */
export function parseManifest(text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError('MODEL_INVALID', 'manifest.json is no JSON.', { cause: error });
  }
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const issues = result.error.issues.map((i) => `${i.path.join('.') || 'it'}: ${i.message}`);
  throw new AppError('MODEL_INVALID', `manifest.json is wrong: ${issues.join('; ')}.`);
}
