import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type ModelInferRequest, openInference } from '@demeter/proto';
import { decodeErrorDetails, ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import {
  ChannelCredentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
} from '@grpc/grpc-js';
import type { TensorsJob } from '../../pipeline/batcher.ts';
import { Statistics } from '../../statistics.ts';
import { Admission } from './admission.ts';
import type { ServedModels } from './served-models.ts';
import { openInferenceHandlers } from './service.ts';

const REQUESTS_MAX = 6;

/** A model `echo` whose runs end when the test says so, each with its own input. */
class FakeModels implements ServedModels {
  readonly running: {
    readonly first: number;
    readonly signal: AbortSignal;
    readonly end: (error?: Error) => void;
  }[] = [];
  #waiting: (() => void)[] = [];

  readonly list = () => [this.find({ name: 'echo' })!];
  readonly find = ({ name }: { name: string }) =>
    (name === 'echo' ? { name, version: '1', state: 'ready' } : undefined) as ReturnType<
      ServedModels['find']
    >;
  readonly load = () => Promise.reject(new Error('not asked for'));
  readonly unload = () => Promise.reject(new Error('not asked for'));
  readonly use: ServedModels['use'] = (_, work) => {
    const runTensors = async ({ feeds, signal }: TensorsJob) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const first = Number((feeds[0]!.data as Float32Array)[0]);
      this.running.push({ first, signal, end: (error) => (error ? reject(error) : resolve()) });
      for (const wake of this.#waiting.splice(0)) wake();
      await promise;
      return { outputs: feeds, inferenceMs: 1 };
    };
    return work({ spec: { version: '1' }, batcher: { runTensors } } as never);
  };

  /** Resolves when so many runs have begun. */
  async begun(count: number): Promise<void> {
    while (this.running.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

function request(value: number, more: Partial<ModelInferRequest> = {}): ModelInferRequest {
  const contents = { fp32_contents: [value] };
  return {
    model_name: 'echo',
    id: String(value),
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1], contents }],
    ...more,
  };
}

describe('the Open Inference Protocol', () => {
  let server: Server;
  let models: FakeModels;
  let statistics: Statistics;
  let logged: unknown[];
  let client: InstanceType<typeof openInference.GRPCInferenceService>;

  beforeEach(async () => {
    models = new FakeModels();
    statistics = new Statistics();
    logged = [];
    server = new Server();
    server.addService(
      openInference.GRPCInferenceService.service,
      openInferenceHandlers({
        ...{ models, statistics, admission: new Admission(REQUESTS_MAX) },
        ...{
          version: '0',
          readiness: { live: true, ready: true, serves: (model) => model?.state === 'ready' },
          log: { error: (...line: unknown[]) => logged.push(line) },
        },
      }),
    );
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
    const address = `127.0.0.1:${await promise}`;
    client = new openInference.GRPCInferenceService(address, ChannelCredentials.createInsecure());
  });
  afterEach(() => {
    client.close();
    server.forceShutdown();
  });

  const infer = (message: ModelInferRequest) => {
    const { promise, resolve } = Promise.withResolvers<ServiceError | undefined>();
    const call = client.ModelInfer(message, (error) => resolve(error ?? undefined));
    return { promise, cancel: () => call.cancel() };
  };
  const failure = async (message: ModelInferRequest) => {
    const error = await infer(message).promise;
    return { code: error?.code, details: error?.details };
  };

  test('refuses what the queue has no room for, and says when to try again', async () => {
    const calls = Array.from({ length: REQUESTS_MAX }, (_, index) => infer(request(index)));
    await models.begun(REQUESTS_MAX);
    const error = await infer(request(99)).promise;
    expect(error?.code).toBe(8);
    const [bytes] = error!.metadata.get(ERROR_DETAILS_KEY);
    const details = decodeErrorDetails(bytes as Buffer);
    expect(details?.reason).toBe('TOO_MANY_REQUESTS');
    expect(details?.retryAfterMs).toBeGreaterThan(0);
    for (const { end } of models.running) end();
    expect(await Promise.all(calls.map(({ promise }) => promise))).toEqual(
      Array(REQUESTS_MAX).fill(undefined),
    );
    const stats = statistics.of({ name: 'echo', version: '1' });
    expect(stats.failures).toEqual(new Map([['REJECTED', 1]]));
    expect({ succeeded: stats.success.count, pending: stats.pending }).toEqual({
      succeeded: REQUESTS_MAX,
      pending: 0,
    });
  });

  test('keeps the place of a withdrawn request until its run has ended', async () => {
    const calls = Array.from({ length: REQUESTS_MAX }, (_, index) => infer(request(index)));
    await models.begun(REQUESTS_MAX);
    calls[0]!.cancel();
    expect((await calls[0]!.promise)?.code).toBe(1);
    expect((await failure(request(7))).code).toBe(8);
    // Where it still waits it is dropped by this.
    while (!models.running.some(({ signal }) => signal.aborted)) await Bun.sleep(1);
    for (const { end } of models.running) end();
    await Promise.all(calls.map(({ promise }) => promise));
    const again = infer(request(8));
    await models.begun(REQUESTS_MAX + 1);
    models.running.at(-1)!.end();
    expect(await again.promise).toBeUndefined();
  });

  const { inputs: [x] = [] } = request(1);
  const shared_memory_region = { string_param: 'region' };
  test.each<[string, Partial<ModelInferRequest>, number, string]>([
    [
      'an input in shared memory',
      { inputs: [{ ...x, parameters: { shared_memory_region } }] },
      12,
      'shared_memory_region',
    ],
    [
      'classes instead of scores',
      { outputs: [{ name: 'x', parameters: { classification: { int64_param: 3 } } }] },
      12,
      'classification',
    ],
    [
      'both typed and raw contents',
      { raw_input_contents: [Buffer.alloc(4)] },
      3,
      'both typed and raw',
    ],
    [
      'more raw contents than inputs',
      { raw_input_contents: [Buffer.alloc(4), Buffer.alloc(4)] },
      3,
      '1 inputs and 2 raw',
    ],
    ['a shape below 0', { inputs: [{ ...x, shape: [-1] }] }, 3, 'the shape [-1]'],
    ['a timeout that is none', { parameters: { timeout: { string_param: 'soon' } } }, 3, 'timeout'],
    ['a model that is not there', { model_name: 'nobody' }, 5, 'no model nobody'],
  ])('refuses %s', async (_, more, code, details) => {
    expect(await failure(request(1, more))).toEqual({
      code,
      details: expect.stringContaining(details),
    });
    expect(models.running).toHaveLength(0);
  });

  test('a request ends when its time is up', async () => {
    const timeout = { int64_param: 20_000 };
    const found = await failure(request(1, { parameters: { timeout } }));
    expect(found).toEqual({ code: 4, details: expect.stringContaining('longer than 20 ms') });
    expect(models.running[0]!.signal.aborted).toBe(true);
    models.running[0]!.end();
  });

  test('a request may take as long as a client can say', async () => {
    const timeout = { int64_param: String(2n ** 63n - 1n) };
    const call = infer(request(1, { parameters: { timeout } }));
    await models.begun(1);
    await Bun.sleep(20);
    models.running[0]!.end();
    expect(await call.promise).toBeUndefined();
  });

  test('a stream that ends on errors ends with the first one, whatever is under way', async () => {
    const metadata = new Metadata();
    metadata.set('triton_grpc_error', 'true');
    const stream = client.ModelStreamInfer(metadata);
    stream.on('data', () => {});
    const error = new Promise<ServiceError>((resolve) => stream.on('error', resolve));
    stream.write(request(1));
    stream.write(request(2));
    await models.begun(2);
    stream.write(request(3, { model_name: 'nobody' }));
    expect(await error).toMatchObject({ code: 5, details: expect.stringContaining('nobody') });
    for (const { end } of models.running) end();
  });

  test('an error of the session is for the log, not for the client', async () => {
    const call = infer(request(1));
    await models.begun(1);
    models.running[0]!.end(new Error('bad kernel at 0xdead'));
    expect(await call.promise).toMatchObject({
      code: 13,
      details: expect.not.stringContaining('0x'),
    });
    expect(logged).toMatchObject([
      [{ err: { message: 'bad kernel at 0xdead' }, model: 'echo' }, 'inference failed'],
    ]);
  });

  test('a stream answers in order whatever ends first, and reads no more than it works on', async () => {
    const stream = client.ModelStreamInfer();
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => stream.on('end', resolve));
    stream.on('data', ({ error_message, infer_response: { id } }) =>
      seen.push(error_message ? `${id}: ${error_message.split(':')[0]}` : id),
    );
    for (let index = 0; index < 12; index++) {
      stream.write(request(index, index === 2 ? { model_name: 'nobody' } : {}));
    }
    stream.end();
    let ended = 0;
    let most = 0;
    while (seen.length < 12 && ended < 11) {
      await models.begun(ended + 1);
      // The last that has begun ends first.
      const open = models.running.slice(ended);
      most = Math.max(most, open.length);
      for (const { end } of open.reverse()) end();
      ended += open.length;
    }
    await done;
    const expected = Array.from({ length: 12 }, (_, index) => String(index));
    expected[2] = '2: NOT_FOUND';
    expect(seen).toEqual(expected);
    expect(most).toBeLessThanOrEqual(REQUESTS_MAX);
  });
});
