import { AppError } from '@demeter/common/errors';
import type { ReprocessOptions__Output } from '@demeter/proto';
import type { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import {
  chooseModel,
  type OfferedModel,
  type PipelineDefinition,
  parseTiling,
  type Tiling,
  toDefinition,
} from '../pipelines/pipeline.ts';

type PipelineOptions = Pick<ReprocessOptions__Output, 'model' | 'tiling' | 'confidence'>;

/**
 * The pipeline that a client's options mean: what they leave open is as in the active one.
 * Throws INVALID_INPUT, MODEL_UNAVAILABLE (no server holds the model), NO_PIPELINE.
 */
export async function choosePipeline(
  options: PipelineOptions,
  pipelines: Pick<ActivePipelineStore, 'require'>,
  offered: readonly OfferedModel[],
): Promise<PipelineDefinition> {
  const { model, tiling, confidence } = options;
  if (confidence !== undefined && !(confidence >= 0 && confidence <= 1)) {
    throw new AppError('INVALID_INPUT', 'A confidence is from 0 to 1.', { field: 'confidence' });
  }
  const { definition: active } = await pipelines.require();
  const held = active.roles.plants;
  const plants = model === '' ? held : chooseModel(model, offered, held.digest);
  if (!plants) {
    throw new AppError('MODEL_UNAVAILABLE', `No inference server holds the model ${model} now.`, {
      field: 'model',
    });
  }
  const cut = tiling === '' ? active.tiling : readTiling(tiling);
  // A float of the wire has digits that nobody wrote.
  const rounded = confidence === undefined ? {} : { confidence: Number(confidence.toFixed(4)) };
  return toDefinition({ ...plants, ...rounded }, cut);
}

function readTiling(text: string): Tiling {
  try {
    return parseTiling(text);
  } catch (error) {
    throw new AppError(
      'INVALID_INPUT',
      'A tiling is manifest, auto, off, or a tile size from 64 to 8192 pixels.',
      { field: 'tiling', cause: error },
    );
  }
}
