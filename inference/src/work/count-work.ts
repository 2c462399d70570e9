import { createHash } from 'node:crypto';
import { AppError, type ErrorCode } from '@demeter/common/errors';
import type { Photo__Output, Result } from '@demeter/proto';
import type { ModelSpec } from '../model/model-spec.ts';
import { isLive } from '../pipeline/batcher.ts';
import { openPhoto, type Photo } from '../pipeline/decode.ts';
import { noTimings, type Timings, timed } from '../pipeline/timings.ts';
import type { Shelf } from '../residency/shelf.ts';
import type { Statistics } from '../statistics.ts';
import { look, type Sight } from './look.ts';
import { toResult } from './to-result.ts';

export interface CountWorkOptions {
  readonly shelf: Shelf;
  readonly pixelsMax: number;
  readonly serverId: string;
  readonly statistics: Statistics;
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

export interface WorkOptions extends CountWorkOptions {
  /** `performance.now()` */
  readonly receivedAt: number;
  readonly signal: AbortSignal;
}

/**
 * Shows one photo to the models that its message names. Throws CHECKSUM_MISMATCH, INVALID_INPUT,
 * MODEL_UNAVAILABLE, MODEL_MISMATCH, MODEL_MEMORY_FULL, and what openPhoto and countPhoto throw.
 */
export async function countWork(message: Photo__Output, options: WorkOptions): Promise<Result> {
  const startedAt = performance.now();
  const { content, sha256 } = message;
  if (!createHash('sha256').update(content).digest().equals(sha256)) {
    throw new AppError('CHECKSUM_MISMATCH', 'The photo does not have the SHA-256 announced.');
  }
  const timings = noTimings();
  const photo = await timed(timings, 'decodeMs', () => openPhoto(content, options.pixelsMax));
  const { sights, provider } = await lookAll(photo, { ...options, message, timings, startedAt });
  return {
    ...toResult(photo, sights),
    provider,
    work_id: message.work_id,
    sha256,
    server_id: options.serverId,
    timings: {
      queue_ms: startedAt - options.receivedAt,
      decode_ms: timings.decodeMs,
      tile_ms: timings.tileMs,
      inference_ms: timings.inferenceMs,
      merge_ms: timings.mergeMs,
      total_ms: performance.now() - options.receivedAt,
    },
  };
}

interface LookOptions extends WorkOptions {
  readonly message: Photo__Output;
  readonly timings: Timings;
  /** `performance.now()` when the photo's turn came. */
  readonly startedAt: number;
}

/** One model after the other, in the order of the request, so that one photo's memory stays bounded. */
async function lookAll(
  photo: Photo,
  { message, shelf, timings, ...options }: LookOptions,
): Promise<{ sights: readonly Sight[]; provider: string }> {
  const { pipeline, lane } = message;
  if (!pipeline || pipeline.models.length === 0) {
    throw new AppError('INVALID_INPUT', 'The pipeline names no model.', { field: 'pipeline' });
  }
  const sights: Sight[] = [];
  let provider = '';
  for (const role of pipeline.models) {
    const lines = sights.findLast((sight) => sight.lines)?.lines;
    const sight = await shelf.use(role, ({ spec, batcher, loaded }) => {
      provider ||= loaded.provider;
      const { signal, pixelsMax } = options;
      const shown = { spec, batcher, lane, signal, timings };
      const answer = () => look(photo, { role, pipeline, pixelsMax, lines, options: shown });
      const request = () => counted(answer, spec, { ...options, timings });
      return isLive(lane) ? batcher.ahead(request) : request();
    });
    sights.push(sight);
  }
  return { sights, provider };
}

/** What one model does for a photo is a request to it, as tensors from a client are. */
function counted(
  answer: () => Promise<Sight>,
  spec: ModelSpec,
  { statistics, timings, startedAt, receivedAt }: Omit<LookOptions, 'message' | 'shelf'>,
): Promise<Sight> {
  const before = { ...timings };
  const queueMs = startedAt - receivedAt;
  return statistics.of(spec).request(performance.now() - queueMs, async () => ({
    answer: await answer(),
    times: {
      queueMs,
      inputMs: timings.decodeMs - before.decodeMs + timings.tileMs - before.tileMs,
      inferMs: timings.inferenceMs - before.inferenceMs,
      outputMs: timings.mergeMs - before.mergeMs,
    },
  }));
}
