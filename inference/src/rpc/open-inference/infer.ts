import { AppError, type ErrorCode, toAppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type {
  InferParameter__Output,
  ModelInferRequest__Output,
  ModelInferResponse,
} from '@demeter/proto';
import type { NamedTensor } from '../../model/tensors.ts';
import type { Statistics } from '../../statistics.ts';
import { orAborted, TIMER_MS_MAX } from '../or-aborted.ts';
import type { Admission } from './admission.ts';
import { readRaw, readTyped, toRaw, toTyped } from './contents.ts';
import { datatypeOf, parseDatatype } from './datatypes.ts';
import { findModel, type ServedModels } from './served-models.ts';

type Parameters = { readonly [name: string]: InferParameter__Output };

export interface InferOptions {
  readonly models: ServedModels;
  readonly statistics: Statistics;
  readonly admission: Admission;
  readonly log: Pick<Logger, 'error'>;
}

/** Errors that a client can do nothing about: somebody here has to look. */
const OURS: readonly ErrorCode[] = ['INFERENCE_FAILED', 'INTERNAL'];

/** Parameters that ask for what is not done here; a request that sets one is refused. */
const REFUSED: Readonly<Record<string, string>> = {
  shared_memory_region: 'Send the tensor in the message.',
  classification: 'Take the scores, and the class names from the model configuration.',
};

/** One run of a model. Throws as docs/protocols.md says; the signal's reason when it aborts. */
export async function infer(
  request: ModelInferRequest__Output,
  options: InferOptions,
  signal: AbortSignal,
): Promise<ModelInferResponse> {
  try {
    return await run(request, options, signal);
  } catch (error) {
    const { code } = toAppError(error);
    if (OURS.includes(code)) {
      options.log.error({ err: error, model: request.model_name, code }, 'inference failed');
    }
    throw error;
  }
}

async function run(
  request: ModelInferRequest__Output,
  { models, statistics, admission }: InferOptions,
  signal: AbortSignal,
): Promise<ModelInferResponse> {
  const model = findModel(models, request.model_name, request.model_version);
  const startedAt = performance.now();
  return await statistics.of(model).request(startedAt, async () => {
    const names = request.outputs.map(({ name, parameters }) => {
      refuse(parameters);
      return name;
    });
    const timeoutMs = readTimeoutMs(request.parameters);
    // Admitted until it has run, also where nobody waits for it any more; dropped where it has not begun.
    const work = (until: AbortSignal) =>
      admission.run(async () => {
        const feeds = readInputs(request);
        const readAt = performance.now();
        const ref = { name: model.name, version: request.model_version };
        return await models.use(ref, async ({ spec, batcher }) => {
          const ran = await batcher.runTensors({ feeds, outputs: names, signal: until });
          return { readAt, version: spec.version, ...ran };
        });
      });
    const { readAt, version, outputs, inferenceMs } = await inTime(signal, timeoutMs, work);
    const ranAt = performance.now();
    const answer = toResponse(request, version, outputs);
    const times = {
      queueMs: Math.max(0, ranAt - readAt - inferenceMs),
      inputMs: readAt - startedAt,
      inferMs: inferenceMs,
      outputMs: performance.now() - ranAt,
    };
    return { answer, times };
  });
}

function readInputs(request: ModelInferRequest__Output): NamedTensor[] {
  const { inputs, raw_input_contents: raw } = request;
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw new AppError(
      'INVALID_INPUT',
      `There are ${inputs.length} inputs and ${raw.length} raw contents.`,
      { field: 'raw_input_contents', hint: 'Send one for each input, or none.' },
    );
  }
  return inputs.map(({ name, datatype, shape, contents, parameters }, index) => {
    refuse(parameters);
    const dims = shape.map(Number);
    if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) {
      const message = `The tensor ${name} has the shape [${shape.join(', ')}].`;
      throw new AppError('INVALID_INPUT', message, { field: name });
    }
    const head = { name, datatype: parseDatatype(datatype, name), dims };
    const bytes = raw[index];
    if (bytes === undefined) return readTyped(head, contents);
    if (contents && Object.values(contents).some((values) => values.length > 0)) {
      throw new AppError('INVALID_INPUT', `The tensor ${name} is there both typed and raw.`, {
        field: name,
      });
    }
    return readRaw(head, bytes);
  });
}

function toResponse(
  { model_name, id, parameters, outputs: requested }: ModelInferRequest__Output,
  model_version: string,
  tensors: readonly NamedTensor[],
): ModelInferResponse {
  // Raw unless a client asks otherwise, as Triton answers; the names are its HTTP protocol's.
  const isTyped = (index: number) =>
    (requested[index]?.parameters.binary_data ?? parameters.binary_data_output)?.bool_param ===
    false;
  const typed = tensors.map((tensor, index) => (isTyped(index) ? toTyped(tensor) : undefined));
  // The protocol allows one way in a message.
  const allTyped = typed.length > 0 && typed.every((contents) => contents !== undefined);
  return {
    model_name,
    model_version,
    id,
    outputs: tensors.map(({ name, type, dims }, index) => ({
      name,
      datatype: datatypeOf(type).name,
      shape: [...dims],
      ...(allTyped ? { contents: typed[index] } : {}),
    })),
    raw_output_contents: allTyped ? [] : tensors.map(toRaw),
  };
}

/** `timeout`: microseconds that the request may take; 0: as long as the call. */
function readTimeoutMs({ timeout }: Parameters): number {
  const us = Number(timeout?.int64_param ?? timeout?.uint64_param ?? timeout?.string_param ?? 0);
  if (Number.isFinite(us) && us >= 0) return Math.min(us / 1000, TIMER_MS_MAX);
  throw new AppError('INVALID_INPUT', 'The parameter timeout is no number of microseconds.', {
    field: 'timeout',
  });
}

/** As `orAborted`, and no longer than `timeoutMs` where it is not 0; `work` is told of both. */
async function inTime<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeoutMs === 0) return await orAborted(signal, work(signal));
  const late = new AbortController();
  const error = new AppError('DEADLINE_EXCEEDED', `It took longer than ${timeoutMs} ms.`);
  const timer = setTimeout(() => late.abort(error), timeoutMs);
  const either = AbortSignal.any([signal, late.signal]);
  try {
    return await orAborted(either, work(either));
  } finally {
    clearTimeout(timer);
  }
}

function refuse(parameters: Parameters): void {
  for (const [field, hint] of Object.entries(REFUSED)) {
    if (parameters[field] === undefined) continue;
    throw new AppError('NOT_OFFERED', `The parameter ${field} is not offered.`, { field, hint });
  }
}
