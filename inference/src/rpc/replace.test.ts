/**
 * Models come and go under requests, over real gRPC and with real sessions: each version of the
 * classifier answers a class of its own, so that every answer says which version gave it.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { openInference } from '@demeter/proto';
import { ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { startServer, type TestServer, temporaryFolder } from '../_testing.ts';
import { TINY_CLASSES, TINY_PX, tinyModel, writeTiny } from '../_tiny-model.ts';
import { TestModels } from './_models-client.ts';

// Models are loaded many times over, on a busy machine; a hung test still ends.
setDefaultTimeout(180_000);

const CLIENTS = 4;

describe('models that come and go under requests', () => {
  let folder: string;
  let server: TestServer;
  let models: TestModels;
  let client: InstanceType<typeof openInference.GRPCInferenceService>;
  beforeAll(async () => {
    folder = temporaryFolder();
    writeTiny(folder, { name: 'leaf', version: '1', answers: 0 });
    for (const [answers] of TINY_CLASSES.entries()) {
      writeTiny(folder, { name: 'herb', version: String(answers), answers });
    }
    server = await startServer({ MODEL_DIR: folder });
    models = new TestModels(server.line.grpc);
    client = new openInference.GRPCInferenceService(
      server.line.grpc,
      ChannelCredentials.createInsecure(),
    );
  });
  afterAll(async () => {
    client.close();
    models.close();
    expect(await server.stop()).toBe(0);
  });

  /** The class that the model answers. */
  function infer(name: string, version = ''): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const shape = [1, 3, TINY_PX, TINY_PX];
    client.modelInfer(
      {
        ...{ model_name: name, model_version: version },
        inputs: [{ name: 'images', datatype: 'FP32', shape }],
        raw_input_contents: [Buffer.alloc(4 * 3 * TINY_PX * TINY_PX)],
      },
      (error: ServiceError | null, response) => {
        const raw = response?.raw_output_contents[0];
        if (!raw) return reject(error ?? new Error('no output'));
        const scores = TINY_CLASSES.map((_, index) => raw.readFloatLE(4 * index));
        resolve(scores.indexOf(Math.max(...scores)));
      },
    );
    return promise;
  }

  test('hot replacement fails no request, and a bad version changes nothing', async () => {
    const answers: number[] = [];
    const stop = new AbortController();
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!stop.signal.aborted) answers.push(await infer('leaf'));
    });
    const answered = async (count: number) => {
      const until = answers.length + count;
      // A client that fails ends the wait with its error.
      while (answers.length < until) await Promise.race([Bun.sleep(2), ...clients]);
    };
    await answered(20);
    for (const version of [2, 3] as const) {
      const bytes = tinyModel({ answers: version - 1, ballastBytes: 2_000_000 });
      const status = await models.upload({
        name: 'leaf',
        version: `${version}`,
        bytes,
        load: true,
      });
      expect(status).toMatchObject({ state: 'STATE_READY', default_version: true });
      await answered(20);
    }
    // Whole as a file, and its output has another shape than its manifest says.
    const bytes = tinyModel({ answers: 3 });
    const manifest = {
      ...{ name: 'leaf', version: '4', role: 'plants', file: 'leaf.onnx', object_px: [26, 280] },
      sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex'),
      ...{ input: { size: [TINY_PX, TINY_PX] }, output: { layout: 'classify' } },
      ...{ classes: ['one'], thresholds: { confidence: 0.3, iou: 0.5 } },
    };
    const bad = { name: 'leaf', version: '4', bytes, manifest: JSON.stringify(manifest) };
    await models.upload(bad).then(
      () => expect.unreachable(),
      (error: ServiceError) => expect(error.details).toContain('MODEL_INVALID'),
    );
    await answered(20);
    stop.abort();
    await Promise.all(clients);
    expect(new Set(answers)).toEqual(new Set([0, 1, 2]));
    // After the first answer of a new version only those come from the old one that were under way.
    for (const [older, newer] of [
      [0, 1],
      [1, 2],
    ] as const) {
      const after = answers.slice(answers.indexOf(newer));
      expect(after.filter((answer) => answer === older).length).toBeLessThan(CLIENTS);
    }
    // The old ones were told to go; this waits until they are gone.
    await Promise.all([models.unload('leaf', '1'), models.unload('leaf', '2')]);
    const list = await models.list();
    expect(list).toMatchObject({
      'leaf/1': { state: 'STATE_UNLOADED' },
      'leaf/2': { state: 'STATE_UNLOADED' },
      'leaf/3': { state: 'STATE_READY' },
    });
    expect(list['leaf/4']).toBeUndefined();
    expect(Number(list['leaf/3']?.images)).toBeGreaterThanOrEqual(20);
  });

  test('loads, runs and unloads in any order give right answers or say why not', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    let state = seed;
    const below = (limit: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >>> 8) % limit;
    };
    // Only a request whose model is unloaded each time that it was loaded for it.
    const refused = (error: ServiceError) => {
      expect(error.details).toContain('is being unloaded');
      return 'refused';
    };
    const worker = async () => {
      for (let step = 0; step < 40; step++) {
        const version = below(TINY_CLASSES.length);
        const action = below(6);
        if (action === 0) await models.unload('herb', `${version}`);
        else if (action === 1) await models.load('herb', `${version}`);
        else
          expect(await infer('herb', `${version}`).catch(refused)).toBeOneOf([version, 'refused']);
      }
    };
    try {
      await Promise.all(Array.from({ length: CLIENTS }, worker));
    } catch (error) {
      throw new Error(`SEED=${seed} fails`, { cause: error });
    }
    for (const [version] of TINY_CLASSES.entries()) {
      expect(await infer('herb', `${version}`)).toBe(version);
    }
    expect(server.process.exitCode).toBeNull();
  });
});
