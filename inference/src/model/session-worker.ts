/** The Worker that owns one model's ONNX session: `create` and `run` block the thread they are called on. */
import { AppError, toAppError } from '@demeter/common/errors';
import { InferenceSession } from 'onnxruntime-node';
import type { ModelSpec } from './model-spec.ts';
import { buffersOf, decodeOutputs, toFeeds } from './outputs.ts';
import { runTensors } from './raw-run.ts';
import type {
  Loaded,
  LoadRequest,
  Provider,
  Ran,
  RanTensors,
  RunRequest,
  TensorsRequest,
  WorkerAnswer,
  WorkerRequest,
} from './session-protocol.ts';
import { movable } from './tensors.ts';

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

/** What ONNX Runtime says when memory is not to be had: CUDA's allocator, its arenas, plain malloc. */
const OUT_OF_MEMORY = /out of memory|failed to allocate memory|bad_alloc|CUDA error 2\b/i;

let resident: Resident | undefined;

self.onmessage = async (event: MessageEvent<WorkerRequest>) => {
  const request = event.data;
  try {
    const [answer, transfer] = await handle(request);
    self.postMessage(answer, transfer);
  } catch (error) {
    const { code, message } = toAppError(error);
    const answer: WorkerAnswer =
      error instanceof AppError
        ? { type: 'failed', id: request.id, code, message }
        : { type: 'failed', id: request.id, code: codeOf(error), message: firstLine(error) };
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
    case 'tensors': {
      const ran = await runRaw(request);
      return [{ type: 'ran-tensors', id, ...ran }, movable(ran.outputs)];
    }
    case 'unload':
      await resident?.session.release();
      resident = undefined;
      return [{ type: 'unloaded', id }, []];
  }
}

async function load(request: LoadRequest): Promise<Loaded> {
  const reasons: string[] = [];
  for (const provider of request.providers) {
    try {
      const batchSizes = await loadOn(provider, request);
      return { provider, reason: reasons.join(' '), batchSizes, threads: request.threads };
    } catch (error) {
      // Room is made, or another provider chosen, by whoever knows what else is loaded.
      if (error instanceof AppError || codeOf(error) === 'MODEL_MEMORY_FULL') throw error;
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
    resident = { session, spec };
    return batchSizes;
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function run(request: RunRequest): Promise<Ran> {
  const { session, spec } = loaded();
  const started = performance.now();
  const outputs = await session.run(toFeeds(spec, request));
  const inferenceMs = performance.now() - started;
  return { candidates: decodeOutputs(spec, outputs, request), input: request.input, inferenceMs };
}

async function runRaw(request: TensorsRequest): Promise<RanTensors> {
  const { session } = loaded();
  const started = performance.now();
  const outputs = await runTensors(session, request);
  return { outputs, inferenceMs: performance.now() - started };
}

function loaded(): Resident {
  if (!resident) throw new AppError('MODEL_UNAVAILABLE', 'The model is not loaded.');
  return resident;
}

function codeOf(error: unknown): 'MODEL_MEMORY_FULL' | 'INFERENCE_FAILED' {
  return OUT_OF_MEMORY.test(String(error)) ? 'MODEL_MEMORY_FULL' : 'INFERENCE_FAILED';
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
