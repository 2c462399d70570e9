import type { Pipeline__Output } from '@demeter/proto';
import { findsObjects } from '../model/layouts/layout.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import {
  countPhoto,
  type LookOptions,
  type PhotoCount,
  type TilingMode,
} from '../pipeline/count-photo.ts';
import type { Photo } from '../pipeline/decode.ts';
import { findLines, type Line, readLines, seeWhole } from '../pipeline/see-whole.ts';

/** What one model said of a photo. */
export interface Sight {
  readonly role: string;
  readonly spec: ModelSpec;
  /** Of models that find objects, and the least score that was asked for. */
  readonly count?: PhotoCount;
  readonly confidence: number;
  /** Of classifiers: a probability for each class. */
  readonly classScores?: Float32Array | undefined;
  readonly embedding?: Float32Array | undefined;
  readonly lines?: readonly Line[];
}

export interface LookRequest {
  readonly role: Pipeline__Output['models'][number];
  readonly pipeline: Pipeline__Output;
  readonly pixelsMax: number;
  /** Lines of text that an earlier model has found; undefined: none has looked. */
  readonly lines: readonly Line[] | undefined;
  readonly options: Omit<LookOptions, 'confidence'>;
}

/** Shows one model the photo, as its task and the request ask. Throws what countPhoto throws. */
export async function look(photo: Photo, request: LookRequest): Promise<Sight> {
  const { role, pipeline } = request;
  const { spec } = request.options;
  const confidence = role.confidence ?? spec.confidence;
  const options = { ...request.options, confidence };
  const sight = { role: role.role, spec, confidence };
  if (findsObjects(spec.task)) {
    const count = await countPhoto(photo, {
      ...options,
      pixelsMax: request.pixelsMax,
      tiling: tilingMode(pipeline, spec),
      overlap: Math.min(0.5, Math.max(0, pipeline.tiling?.overlap ?? spec.tiling.overlap)),
      iou: role.iou ?? spec.iou,
      inside: spec.inside,
      edgeConfidence: spec.edgeConfidence,
      masks: pipeline.masks && spec.task === 'segment',
    });
    return { ...sight, count };
  }
  if (spec.task === 'find-text') return { ...sight, lines: await findLines(photo, options) };
  if (spec.task === 'read-text') {
    return { ...sight, lines: await readLines(photo, request.lines, options) };
  }
  const { classScores, embedding } = await seeWhole(photo, options);
  return { ...sight, classScores, embedding };
}

function tilingMode({ tiling }: Pipeline__Output, spec: ModelSpec): TilingMode {
  switch (tiling?.mode) {
    case 'MODE_AUTO':
      return 'auto';
    case 'MODE_OFF':
      return 'off';
    case 'MODE_FIXED':
      return { tilePx: tiling.tile_px };
    default:
      return spec.tiling.mode;
  }
}
