import { AppError } from '@demeter/common/errors';
import type { ReprocessOptions__Output } from '@demeter/proto';
import type { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import {
  chooseModel,
  modelsOf,
  type OfferedModel,
  type PipelineDefinition,
  parseModelNames,
  parseTiling,
  type Tiling,
  toDefinition,
  type WantedModel,
} from '../pipelines/pipeline.ts';

type PipelineOptions = Pick<ReprocessOptions__Output, 'model' | 'tiling' | 'confidence' | 'masks'>;

/**
 * The pipeline that a client's options mean: what they leave open is as in the active one.
 * Throws INVALID_INPUT, MODEL_UNAVAILABLE (no server holds the model), NO_PIPELINE.
 */
export async function choosePipeline(
  options: PipelineOptions,
  pipelines: Pick<ActivePipelineStore, 'require'>,
  offered: readonly OfferedModel[],
): Promise<PipelineDefinition> {
  const { model, tiling, confidence, masks } = options;
  if (confidence !== undefined && !(confidence >= 0 && confidence <= 1)) {
    throw new AppError('INVALID_INPUT', 'A confidence is from 0 to 1.', { field: 'confidence' });
  }
  const { definition: active } = await pipelines.require();
  const held = modelsOf(active);
  const plants = model === '' ? held : readModels(model).map(find);
  const cut = tiling === '' ? active.tiling : readTiling(tiling);
  // A float of the wire has digits that nobody wrote.
  const rounded = confidence === undefined ? {} : { confidence: Number(confidence.toFixed(4)) };
  const definition = toDefinition(
    plants.map((one) => ({ ...one, ...rounded })),
    cut,
  );
  return masks ? { ...definition, masks } : definition;

  function find(wanted: WantedModel): OfferedModel {
    const digest = held.find(({ name }) => name === wanted.name)?.digest;
    const found = chooseModel(wanted, offered, digest);
    if (found) return found;
    const { name, version } = wanted;
    const title = version === undefined ? name : `${name}/${version}`;
    throw new AppError('MODEL_UNAVAILABLE', `No inference server holds the model ${title} now.`, {
      field: 'model',
    });
  }
}

function readModels(text: string): WantedModel[] {
  try {
    return parseModelNames(text);
  } catch (error) {
    throw new AppError(
      'INVALID_INPUT',
      'A model is NAME or NAME/VERSION, or several with commas, each name once.',
      { field: 'model', cause: error },
    );
  }
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
