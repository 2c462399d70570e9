/** The Worker that owns the ONNX sessions: `create` and `run` block the thread they are called on. */
import { AppError, toAppError } from '@demeter/common/errors';
import { InferenceSession } from 'onnxruntime-node';
import { usedBytes } from './memory.ts';
import type { ModelSpec } from './model-spec.ts';
import { buffersOf, decodeOutputs, toFeeds } from './outputs.ts';
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
const BATCH_SIZES: Readonly<Record<Provider, readonly number[]>> = {
  tensorrt: [1, 4, 8],
  cuda: [1, 4, 8],
  cpu: [1],
};
/** What TensorRT does not know of a graph is left to CUDA. */
const EXECUTION: Readonly<Record<Provider, readonly Provider[]>> = {
  tensorrt: ['tensorrt', 'cuda'],
  cuda: ['cuda'],
  cpu: ['cpu'],
};

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
      return [{ type: 'ran', id, ...ran }, [ran.input.buffer, ...buffersOf(ran.candidates)]];
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
    executionProviders: [...EXECUTION[provider]],
    intraOpNumThreads: request.threads,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Halves the processor time between paced runs at the same latency.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  try {
    const batchSizes = spec.input.batch === undefined ? BATCH_SIZES[provider] : [spec.input.batch];
    const { width, height, channels } = spec.input;
    const asks = [{ confidence: spec.confidence, masks: false }];
    for (const batch of batchSizes) {
      const input = new Float32Array(batch * channels * height * width).fill(114 / 255);
      const outputs = await session.run(toFeeds(spec, { input, batch, width, height }));
      decodeOutputs(spec, outputs, { asks, width, height });
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
  const { session, spec } = resident;
  const started = performance.now();
  const outputs = await session.run(toFeeds(spec, request));
  const inferenceMs = performance.now() - started;
  return { candidates: decodeOutputs(spec, outputs, request), input: request.input, inferenceMs };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
