import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openInference } from '@demeter/proto';
import { ChannelCredentials } from '@grpc/grpc-js';
import sharp from 'sharp';
import { startServer, TestCore, type TestServer, temporaryFolder } from './_testing.ts';
import { TestModels } from './rpc/_models-client.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(120_000);

let server: TestServer;
afterEach(async () => void (await server.stop()));

const SAYS =
  "Non-zero status code returned while running Conv node. Name:'Conv_0' Status Message: ";
const FAULT = `${SAYS}CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; `;
const BAD_SHAPE = `${SAYS}The input tensor cannot be reshaped to the requested shape.`;

type Done<T> = (error: { readonly code: number } | null, answer?: T) => void;

/** What a call answers; its status where it fails. */
function ask<T>(call: (done: Done<T>) => unknown): Promise<T | number> {
  const { promise, resolve } = Promise.withResolvers<T | number>();
  call((error, answer) => resolve(answer ?? error?.code ?? -1));
  return promise;
}

/** A server as each protocol tells of it. */
function witness({ grpc, metrics }: TestServer['line'], core: TestCore) {
  const health = new TestModels(grpc);
  const client = new openInference.GRPCInferenceService(grpc, ChannelCredentials.createInsecure());
  const http = async (path: string) => {
    const response = await fetch(`http://${metrics}/health/${path}`);
    const { reason } = (await response.json()) as { reason: string };
    return { status: response.status, reason };
  };
  return {
    http,
    infer: () => {
      const shape = [1, 3, 64, 64];
      const inputs = [{ name: 'images', datatype: 'FP32', shape }];
      const raw_input_contents = [Buffer.alloc(4 * 3 * 64 * 64)];
      const request = { model_name: 'plants', inputs, raw_input_contents };
      return ask<object>((done) => client.ModelInfer(request, done));
    },
    told: async () => ({
      http_live: (await http('live')).status === 200,
      http_ready: (await http('ready')).status === 200,
      report: await ask<{ report: { ready: boolean } | null }>((done) =>
        core.client.getHealthReport({}, done),
      ),
      health: await health.health(),
      health_of_model: await health.health('plants', '1'),
      oip_live: await ask<{ live: boolean }>((done) => client.ServerLive({}, done)),
      oip_ready: await ask<{ ready: boolean }>((done) => client.ServerReady({}, done)),
      oip_model: await ask<{ ready: boolean }>((done) =>
        client.ModelReady({ name: 'plants' }, done),
      ),
    }),
    close: () => {
      health.close();
      client.close();
    },
  };
}

/** The same from all of them. */
function all(works: boolean) {
  const health = works ? 'SERVING' : 'NOT_SERVING';
  return {
    ...{ http_live: works, http_ready: works, health, health_of_model: health },
    report: { report: expect.objectContaining({ ready: works }) },
    ...{ oip_live: { live: works }, oip_ready: { ready: works }, oip_model: { ready: works } },
  };
}

// The supervisor reads liveness each second and replaces the process (supervised.test.ts).
test('a GPU that fails makes the server neither ready nor alive in every protocol; a bad request does not', async () => {
  const folder = temporaryFolder();
  const MODEL_DIR = join(import.meta.dir, '../../models');
  server = await startServer({ MODEL_DIR, FAULTS_DIR: folder }, '_faulty-main.ts');
  const core = new TestCore(server.line.grpc);
  const { told, infer, http, close } = witness(server.line, core);
  const create = { width: 96, height: 96, channels: 3, background: '#654' } as const;
  const photo = await sharp({ create }).jpeg().toBuffer();

  core.sendPhoto('before', photo, 'plants');
  expect((await core.answerOf('before')).result?.provider).toBe('cuda');
  expect<unknown>(await told()).toEqual(all(true));

  writeFileSync(join(folder, 'cuda'), BAD_SHAPE);
  expect(await infer()).toBe(13);
  expect<unknown>(await told()).toEqual(all(true));
  core.sendPhoto('beside', photo, 'plants');
  expect((await core.answerOf('beside')).result?.provider).toBe('cuda');

  writeFileSync(join(folder, 'cuda'), FAULT);
  core.sendPhoto('during', photo, 'plants');
  const { failure } = await core.answerOf('during');
  expect(failure).toMatchObject({ code: 'INFERENCE_FAILED', retryable: true });
  expect<unknown>(await told()).toEqual(all(false));
  const reason = expect.stringContaining('illegal memory access');
  expect(await http('ready')).toEqual({ status: 503, reason });
  expect(await http('live')).toEqual({ status: 503, reason });

  core.sendPhoto('after', photo, 'plants');
  expect((await core.answerOf('after')).failure?.retryable).toBe(true);
  close();
  core.close();
});
