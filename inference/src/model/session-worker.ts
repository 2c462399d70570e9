/** The Worker that owns one model's ONNX session: `create` and `run` block the thread they are called on. */

import { readFile } from 'node:fs/promises';
import { AppError, type ErrorCode } from '@demeter/common/errors';
import { InferenceSession } from 'onnxruntime-node';
import { batchesThatPay, interleave, RUN_SHARE_MAX } from './calibrate.ts';
import { fillPixels, fillTile } from './fill-tile.ts';
import { canTakePixels, takePixels } from './graph-edit.ts';
import type { ModelSpec } from './model-spec.ts';
import { buffersOf, decodeOutputs, toFeeds } from './outputs.ts';
import { toChannels } from './preprocessing.ts';
import { runTensors } from './raw-run.ts';
import { toRunFailure } from './run-failure.ts';
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
  readonly spec: ModelSpec;
  readonly provider: Provider;
  readonly threads: number;
  /** Takes images as the setup says. */
  readonly session: InferenceSession;
  /** Takes tensors as the file has them: the same one, unless that takes pixels; made when asked for. */
  plain: InferenceSession | Promise<InferenceSession> | undefined;
  readonly takesPixels: boolean;
}

/** Sizes that are tried: few, since varying shapes make the GPU's arena grow and keep growing. */
const BATCH_SIZES: Readonly<Record<Provider, readonly number[]>> = {
  tensorrt: [1, 4, 8],
  cuda: [1, 4, 8],
  // On the CPU several images a run only add waiting.
  cpu: [1],
};
/** What TensorRT does not know of a graph is left to CUDA. */
const EXECUTION: Readonly<Record<Provider, readonly Provider[]>> = {
  tensorrt: ['tensorrt', 'cuda'],
  cuda: ['cuda'],
  cpu: ['cpu'],
};

const GREY = 114;

let resident: Resident | undefined;

self.onmessage = async (event: MessageEvent<WorkerRequest>) => {
  const request = event.data;
  try {
    const [answer, transfer] = await handle(request);
    self.postMessage(answer, transfer);
  } catch (error) {
    const { id, type } = request;
    const failure = toRunFailure(error, type === 'load' ? 'load' : 'run');
    const answer: WorkerAnswer = { type: 'failed', id, ...failure };
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
    case 'measure':
      return [{ type: 'measured', id, imagesPerMs: await measure(request.ms) }, []];
    case 'tensors': {
      const ran = await runRaw(request);
      return [{ type: 'ran-tensors', id, ...ran }, movable(ran.outputs)];
    }
    case 'unload': {
      // One that is just being made is waited for: ending the Worker meanwhile would abort us.
      const plain = await Promise.resolve(resident?.plain).catch(() => undefined);
      await Promise.all([...new Set([resident?.session, plain])].map((each) => each?.release()));
      resident = undefined;
      return [{ type: 'unloaded', id }, []];
    }
  }
}

async function load(request: LoadRequest): Promise<Loaded> {
  const reasons: string[] = [];
  let last: ErrorCode = 'MODEL_INVALID';
  for (const provider of request.providers) {
    try {
      return { ...(await loadOn(provider, request)), reason: reasons.join(' ') };
    } catch (error) {
      const { code, message } = toRunFailure(error, 'load');
      // Room is made, or another provider chosen, by whoever knows what else is loaded.
      if (error instanceof AppError || code === 'MODEL_MEMORY_FULL') throw error;
      reasons.push(`${provider}: ${message}`);
      last = code;
    }
  }
  // The last one's failure counts: it runs whatever those before it do.
  throw new AppError(last, `No provider can run it. ${reasons.join(' ')}`);
}

/** Creates the session as the setup says, or as is found to be fastest, and runs each batch size. */
async function loadOn(provider: Provider, request: LoadRequest): Promise<Omit<Loaded, 'reason'>> {
  const { spec, threads, setup, calibrateMs } = request;
  const sizes = setup?.batchSizes ?? sizesToTry(spec, provider);
  const wanted = { spec, provider, threads, takesPixels: setup?.takesPixels ?? false };
  const session = await createSession(wanted);
  resident = { ...wanted, session, plain: wanted.takesPixels ? undefined : session };
  let batchSizes = sizes;
  let tooSlow = false;
  try {
    // The first run of each size takes memory and time, and shows whether the outputs can be read.
    for (const batch of sizes) await runGrey(resident, batch);
    const [imageMs = 0] =
      calibrateMs > 0 ? await interleave([() => runGrey(loaded(), sizes[0]!)], 0) : [];
    tooSlow = imageMs > calibrateMs * 4 * RUN_SHARE_MAX;
    if (calibrateMs > 0 && !tooSlow) {
      batchSizes = await chooseBatches(resident, sizes, calibrateMs);
      resident = await choosePixels(resident, batchSizes.at(-1) ?? 1, calibrateMs);
    }
  } catch (error) {
    await session.release();
    resident = undefined;
    throw error;
  }
  const { takesPixels } = loaded();
  return { provider, takesPixels, batchSizes, sessions: 1, threads, tooSlow };
}

function sizesToTry(spec: ModelSpec, provider: Provider): readonly number[] {
  return spec.input.batch === undefined ? BATCH_SIZES[provider] : [spec.input.batch];
}

async function chooseBatches(model: Resident, sizes: readonly number[], ms: number) {
  if (sizes.length === 1) return sizes;
  const runs = sizes.map((batch) => () => runGrey(model, batch));
  return batchesThatPay(sizes, await interleave(runs, ms));
}

/** The model that takes pixels where that is faster; the other session is freed. */
async function choosePixels(known: Resident, batch: number, ms: number): Promise<Resident> {
  const { spec } = known;
  const image = spec.inputs.find(({ name }) => name === spec.input.name);
  // A graph that is changed in memory has no folder in which its weights could be.
  if (spec.weightFiles.length > 0) return known;
  if (!image || !canTakePixels(image, spec.input.pixels)) return known;
  const session = await createSession({ ...known, takesPixels: true }).catch(() => undefined);
  if (session === undefined) return known;
  const pixels: Resident = { ...known, session, plain: undefined, takesPixels: true };
  const ways = [known, pixels].map((way) => () => runGrey(way, batch));
  const compare = async () => {
    await runGrey(pixels, batch);
    return await interleave(ways, ms);
  };
  // What does not run, for want of memory for two perhaps, is not faster.
  const [plainMs = 0, pixelsMs = 0] = await compare().catch(() => [0, 1]);
  const [kept, other] = pixelsMs < plainMs ? [pixels, known] : [known, pixels];
  await other.session.release();
  return kept;
}

async function createSession(
  open: Pick<Resident, 'spec' | 'provider' | 'threads' | 'takesPixels'>,
): Promise<InferenceSession> {
  const { spec, provider, threads, takesPixels } = open;
  const options: InferenceSession.SessionOptions = {
    executionProviders: [...EXECUTION[provider]],
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Halves the processor time between paced runs at the same latency.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
  if (!takesPixels) return InferenceSession.create(spec.path, options);
  const file = await readFile(spec.path);
  const image = spec.inputs.find(({ name }) => name === spec.input.name)!;
  return InferenceSession.create(takePixels(file, image, spec.input.pixels), options);
}

/** All that an image costs: its pixels laid out as the model takes them, the run, and the decoding. */
async function runGrey({ session, spec, takesPixels }: Resident, batch: number): Promise<void> {
  const { width, height, channels, pixels } = spec.input;
  const image = { width, height, data: new Uint8Array(3 * width * height).fill(GREY) };
  const tile = { x: 0, y: 0, left: 0, top: 0, width, height, canvas: image };
  const length = channels * width * height;
  const input = new (takesPixels ? Uint8Array : Float32Array)(batch * length);
  const tables = toChannels(pixels, channels);
  for (let at = 0; at < batch; at++) {
    const target = input.subarray(at * length, (at + 1) * length);
    if (target instanceof Uint8Array) fillPixels(image, tile, { target, pad: pixels.pad });
    else fillTile(image, tile, { target, channels: tables });
  }
  const outputs = await session.run(toFeeds(spec, { input, batch, width, height }));
  const asks = [{ confidence: spec.confidence, masks: false }];
  decodeOutputs(spec, outputs, { asks, width, height });
}

async function measure(ms: number): Promise<number> {
  const started = performance.now();
  let images = 0;
  while (images < 1 || performance.now() - started < ms) {
    await runGrey(loaded(), 1);
    images++;
  }
  return images / (performance.now() - started);
}

async function run(request: RunRequest): Promise<Ran> {
  const { session, spec } = loaded();
  const started = performance.now();
  const outputs = await session.run(toFeeds(spec, request));
  const inferenceMs = performance.now() - started;
  return { candidates: decodeOutputs(spec, outputs, request), input: request.input, inferenceMs };
}

/** A model that takes pixels gets a second session, as its file has it, when somebody first asks. */
async function runRaw(request: TensorsRequest): Promise<RanTensors> {
  const model = loaded();
  // Once, however many ask.
  model.plain ??= createSession({ ...model, takesPixels: false }).catch((error: unknown) => {
    model.plain = undefined;
    throw error;
  });
  const session = await model.plain;
  const started = performance.now();
  const outputs = await runTensors(session, request);
  return { outputs, inferenceMs: performance.now() - started };
}

function loaded(): Resident {
  if (!resident) throw new AppError('MODEL_UNAVAILABLE', 'The model is not loaded.');
  return resident;
}
