import { createHash } from 'node:crypto';
import { AppError, type ErrorCode } from '@demeter/common/errors';
import type { Photo__Output, Pipeline__Output, Result } from '@demeter/proto';
import { countPhoto, type PhotoCount, type TilingMode } from '../pipeline/count-photo.ts';
import type { ReadyModel, Shelf } from './shelf.ts';

export interface CountWorkOptions {
  readonly shelf: Shelf;
  readonly pixelsMax: number;
  readonly serverId: string;
}

/** What another try, here or elsewhere, may mend. */
const RETRYABLE: readonly ErrorCode[] = [
  'CHECKSUM_MISMATCH',
  'DEADLINE_EXCEEDED',
  'DRAINING',
  'INFERENCE_FAILED',
  'INTERNAL',
  'MODEL_MEMORY_FULL',
  'MODEL_MISMATCH',
  'MODEL_UNAVAILABLE',
  'TOO_MANY_REQUESTS',
];

export function isRetryable(code: ErrorCode): boolean {
  return RETRYABLE.includes(code);
}

/**
 * Counts one photo as its message asks. `receivedAt` is of `performance.now()`.
 * Throws CHECKSUM_MISMATCH, INVALID_INPUT, MODEL_UNAVAILABLE, MODEL_MISMATCH and what countPhoto throws.
 */
export async function countWork(
  photo: Photo__Output,
  options: CountWorkOptions & { readonly receivedAt: number; readonly signal: AbortSignal },
): Promise<Result> {
  const startedAt = performance.now();
  const { content, sha256 } = photo;
  if (!createHash('sha256').update(content).digest().equals(sha256)) {
    throw new AppError('CHECKSUM_MISMATCH', 'The photo does not have the SHA-256 announced.');
  }
  const role = photo.pipeline?.models[0];
  if (role === undefined) {
    throw new AppError('INVALID_INPUT', 'The pipeline names no model.', { field: 'pipeline' });
  }
  return options.shelf.use(role, (model) =>
    countWith(model, { photo, role, options: { ...options, startedAt } }),
  );
}

interface Count {
  readonly photo: Photo__Output;
  readonly role: Pipeline__Output['models'][number];
  readonly options: CountWorkOptions & {
    readonly receivedAt: number;
    readonly startedAt: number;
    readonly signal: AbortSignal;
  };
}

async function countWith(model: ReadyModel, { photo, role, options }: Count): Promise<Result> {
  const { spec, batcher } = model;
  const count = await countPhoto({
    bytes: photo.content,
    pixelsMax: options.pixelsMax,
    spec,
    batcher,
    tiling: tilingMode(photo, model),
    overlap: Math.min(0.5, photo.pipeline?.tiling?.overlap ?? spec.tiling.overlap),
    confidence: role.confidence ?? spec.confidence,
    iou: role.iou ?? spec.iou,
    inside: spec.inside,
    edgeConfidence: spec.edgeConfidence,
    lane: photo.lane,
    signal: options.signal,
  });
  return {
    ...toResult(count, model),
    work_id: photo.work_id,
    sha256: photo.sha256,
    server_id: options.serverId,
    timings: {
      queue_ms: options.startedAt - options.receivedAt,
      decode_ms: count.timings.decodeMs,
      tile_ms: count.timings.tileMs,
      inference_ms: count.timings.inferenceMs,
      merge_ms: count.timings.mergeMs,
      total_ms: performance.now() - options.receivedAt,
    },
  };
}

function tilingMode(photo: Photo__Output, { spec }: ReadyModel): TilingMode {
  const tiling = photo.pipeline?.tiling;
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

function toResult(count: PhotoCount, { spec, loaded }: ReadyModel): Result {
  return {
    width: count.width,
    height: count.height,
    detections: {
      boxes: Array.from(count.set.boxes),
      confidences: Array.from(count.set.scores),
      class_ids: Array.from(count.set.classes),
      class_names: [...spec.classNames],
    },
    counted_long_side_px: count.countedLongSidePx,
    tiles: count.tiles,
    capped: count.capped,
    provider: loaded.provider,
  };
}
