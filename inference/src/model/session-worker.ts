/** The Worker that owns the ONNX sessions: `create` and `run` block the thread they are called on. */
import { AppError, toAppError } from '@demeter/common/errors';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OutputShape } from './layouts/layout.ts';
import { LAYOUTS } from './layouts/layouts.ts';
import { usedBytes } from './memory.ts';
import type { ModelSpec } from './model-spec.ts';
import type {
  Loaded,
  LoadRequest,
  Provider,
  Ran,
  RunRequest,
  WorkerAnswer,
  WorkerRequest,
} from './session-protocol.ts';

declare const self: Worker;

interface Resident {
  readonly session: InferenceSession;
  readonly spec: ModelSpec;
}

/** Several images a run pay on a GPU; on the CPU they only add waiting. */
const BATCH_SIZES: Readonly<Record<Provider, readonly number[]>> = { cuda: [1, 4, 8], cpu: [1] };

const residents = new Map<string, Resident>();

self.onmessage = async (event: MessageEvent<WorkerRequest>) => {
  const request = event.data;
  try {
    const [answer, transfer] = await handle(request);
    self.postMessage(answer, transfer);
  } catch (error) {
    const { code, message } = toAppError(error);
    const detail = error instanceof AppError ? message : String(error);
    const answer: WorkerAnswer = { type: 'failed', id: request.id, code, message: detail };
    self.postMessage(answer);
  }
};

async function handle(request: WorkerRequest): Promise<[WorkerAnswer, ArrayBuffer[]]> {
  const { id } = request;
  switch (request.type) {
    case 'load':
      return [{ type: 'loaded', id, ...(await load(request)) }, []];
    case 'run': {
      const ran = await run(request);
      const parts = ran.candidates.flatMap((c) => [c.boxes, c.scores, c.classes]);
      const buffers = [ran.input, ...parts].map((array) => array.buffer as ArrayBuffer);
      return [{ type: 'ran', id, ...ran }, buffers];
    }
    case 'unload':
      await residents.get(request.key)?.session.release();
      residents.delete(request.key);
      return [{ type: 'unloaded', id }, []];
  }
}

async function load(request: LoadRequest): Promise<Loaded> {
  const reasons: string[] = [];
  for (const provider of request.providers) {
    const before = usedBytes(provider);
    try {
      const batchSizes = await loadOn(provider, request);
      const bytes = Math.max(0, usedBytes(provider) - before);
      return { provider, reason: reasons.join(' '), batchSizes, bytes };
    } catch (error) {
      if (error instanceof AppError) throw error;
      reasons.push(`${provider}: ${firstLine(error)}`);
    }
  }
  throw new AppError('MODEL_INVALID', `No provider can run it. ${reasons.join(' ')}`);
}

/** Creates the session and runs it once for each batch size, so that the first photo is not slow. */
async function loadOn(provider: Provider, request: LoadRequest): Promise<readonly number[]> {
  const { spec } = request;
  const session = await InferenceSession.create(spec.path, {
    executionProviders: [provider],
    intraOpNumThreads: request.threads,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Halves the processor time between paced runs at the same latency.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  try {
    const batchSizes = spec.input.batch === undefined ? BATCH_SIZES[provider] : [spec.input.batch];
    const { width, height } = spec.input;
    for (const batch of batchSizes) {
      const grey = new Float32Array(batch * 3 * height * width).fill(114 / 255);
      await infer({ session, spec }, { input: grey, batch, width, height });
    }
    residents.set(request.key, { session, spec });
    return batchSizes;
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function run(request: RunRequest): Promise<Ran> {
  const resident = residents.get(request.key);
  if (!resident) throw new AppError('MODEL_UNAVAILABLE', `${request.key} is not loaded.`);
  const started = performance.now();
  const { data, shape } = await infer(resident, request);
  const inferenceMs = performance.now() - started;
  const classCount = resident.spec.classNames.length;
  const candidates = request.confidences.map((confidence, index) =>
    LAYOUTS[resident.spec.layout].decode(data, shape, { index, classCount, confidence }),
  );
  return { candidates, input: request.input, inferenceMs };
}

async function infer(
  { session, spec }: Resident,
  { input, batch, width, height }: Pick<RunRequest, 'input' | 'batch' | 'width' | 'height'>,
): Promise<{ data: Float32Array; shape: OutputShape }> {
  const dims = [batch, 3, height, width];
  const outputs = await session.run({ [spec.input.name]: new Tensor('float32', input, dims) });
  const output = outputs[spec.outputName];
  const data = output?.data;
  if (!output || !(data instanceof Float32Array)) {
    throw new AppError('MODEL_INVALID', `The output ${spec.outputName} is no float32 tensor.`);
  }
  return { data, shape: LAYOUTS[spec.layout].readShape(output.dims, spec.classNames.length) };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
