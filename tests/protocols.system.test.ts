import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelCredentials, Client } from '@grpc/grpc-js';
import { type InferenceServer, startInference } from './protocols/inference-server.ts';
import { refusal } from './protocols/refusal.ts';
import { mustRun, runCommand } from './run/commands.ts';
import { ROOT } from './system/program.ts';

/** Other people's clients: Triton's Python package and grpcurl. */
const python = process.env.DEMETER_TEST_PYTHON;
const grpcurl = process.env.DEMETER_TEST_GRPCURL;
/** What every token may call, in the order of reflection. */
const LOOKING = [
  'demeter.v1.Mesh.GetHealthReport',
  'demeter.v1.Mesh.WatchHealthReport',
  'demeter.v1.Models.ListModels',
  'grpc.health.v1.Health.Check',
  'grpc.health.v1.Health.List',
  'grpc.health.v1.Health.Watch',
  'grpc.reflection.v1.ServerReflection.ServerReflectionInfo',
  'grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo',
  'inference.GRPCInferenceService.ModelConfig',
  'inference.GRPCInferenceService.ModelMetadata',
  'inference.GRPCInferenceService.ModelReady',
  'inference.GRPCInferenceService.ModelStatistics',
  'inference.GRPCInferenceService.RepositoryIndex',
  'inference.GRPCInferenceService.ServerLive',
  'inference.GRPCInferenceService.ServerMetadata',
  'inference.GRPCInferenceService.ServerReady',
];
/** A busy machine takes its time. */
const PATIENT = ['-connect-timeout', '60'];
const SCRIPTS = join(import.meta.dir, 'protocols');
/** What results may differ by from onnxruntime's in Python. */
const TOLERANCE = 1e-4;

setDefaultTimeout(240_000);

const needed = !python || !grpcurl;
describe.skipIf(needed)(
  'other people’s clients (needs DEMETER_TEST_PYTHON, DEMETER_TEST_GRPCURL)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'demeter-protocols-'));
    const models = join(folder, 'models');
    let server: InferenceServer;

    beforeAll(async () => {
      cpSync(join(ROOT, 'models/plants'), join(models, 'plants'), { recursive: true });
      await mustRun([python!, join(SCRIPTS, 'make_model.py'), models]);
      server = await startInference(folder);
    });
    afterAll(async () => {
      expect(await server?.stop()).toBe(0);
      rmSync(folder, { recursive: true, force: true });
    });

    describe('Triton’s Python package', () => {
      // biome-ignore lint/suspicious/noExplicitAny: what the script printed
      let found: any;
      beforeAll(async () => {
        const script = join(SCRIPTS, 'triton_client.py');
        found = JSON.parse(await mustRun([python!, script, server.grpc, models]));
      });

      test('finds server and models ready, and reads what they are', () => {
        expect(found).toMatchObject({
          live: true,
          ready: true,
          model_ready: true,
          unknown_ready: false,
          server: { name: 'demeter' },
          index: [
            { name: 'mixed', version: '7', state: 'READY' },
            { name: 'plants', version: '1', state: 'READY' },
          ],
        });
        expect(found.metadata).toEqual({
          name: 'mixed',
          versions: ['7'],
          platform: 'onnxruntime_onnx',
          inputs: [
            { name: 'images', datatype: 'FP32', shape: ['-1', '3', '32', '32'] },
            { name: 'size', datatype: 'INT64', shape: ['-1', '2'] },
          ],
          outputs: [
            { name: 'vector', datatype: 'FP32', shape: ['-1', '3'] },
            { name: 'half', datatype: 'FP16', shape: ['-1', '3'] },
            { name: 'area', datatype: 'INT64', shape: ['-1'] },
            { name: 'bright', datatype: 'BOOL', shape: ['-1', '3'] },
          ],
        });
        expect(found.config).toMatchObject({
          backend: 'onnxruntime',
          instance_group: [{ kind: 'KIND_CPU', count: 1 }],
          input: [{ data_type: 'TYPE_FP32' }, { data_type: 'TYPE_INT64' }],
          output: [{}, { data_type: 'TYPE_FP16' }, {}, { data_type: 'TYPE_BOOL' }],
          parameters: { task: { string_value: 'embed' } },
        });
      });

      test('infers what onnxruntime does: chosen outputs, all of them, an open shape, 20 at once', () => {
        expect(found.infer).toMatchObject({
          id: 'seven',
          version: '7',
          outputs: ['area', 'vector'],
        });
        expect(Object.keys(found.all_outputs)).toEqual(['vector', 'half', 'area', 'bright']);
        const differences = [
          ...Object.values(found.infer.differences),
          ...Object.values(found.all_outputs),
          ...Object.values(found.plants),
          found.async,
        ] as number[];
        expect(differences).toHaveLength(8);
        for (const difference of differences) expect(difference).toBeLessThan(TOLERANCE);
      });

      test('streams on after an error, and not where it asks for that', () => {
        const error = expect.stringContaining('The tensor images is float32, not uint8');
        expect(found.stream).toEqual([
          { id: 'a', final: true },
          { error, status: null },
          { id: 'c', final: true },
        ]);
        expect(found.strict_stream).toEqual([{ error, status: 'StatusCode.INVALID_ARGUMENT' }]);
      });

      test('reads statistics that add up', () => {
        const [statistics] = found.statistics;
        // 1 with chosen outputs, 1 with all, 20 at once, 2 of the stream: the first two of 2 images.
        expect(statistics).toMatchObject({
          name: 'mixed',
          version: '7',
          inference_count: '26',
          execution_count: '24',
          inference_stats: {
            success: { count: '24' },
            fail: { count: '2' },
            compute_infer: { count: '24' },
          },
          memory_usage: [{ type: 'CPU' }],
        });
        expect(statistics.batch_stats).toMatchObject([
          { batch_size: '2', compute_infer: { count: '2' } },
          { batch_size: '1', compute_infer: { count: '22' } },
        ]);
      });

      test.each([
        ['dtype', 'INVALID_ARGUMENT', 'is float32, not uint8'],
        ['shape', 'INVALID_ARGUMENT', 'has the shape [?, 3, 32, 32], not [2, 3, 16, 32]'],
        ['missing', 'INVALID_ARGUMENT', 'The tensor size is missing'],
        ['output', 'INVALID_ARGUMENT', 'nothing is no output'],
        ['model', 'NOT_FOUND', 'There is no model nobody'],
        ['version', 'NOT_FOUND', 'There is no version 99'],
        ['late', 'DEADLINE_EXCEEDED', 'It took longer than 1 ms'],
        ['shared_memory', 'UNIMPLEMENTED', 'NOT_OFFERED'],
        ['trace', 'UNIMPLEMENTED', 'NOT_OFFERED'],
        ['load', 'NOT_FOUND', 'no model nobody'],
      ])('is told of a wrong %s', (name, status, message) => {
        expect(found.failures[name]).toEqual({
          status: `StatusCode.${status}`,
          message: expect.stringContaining(message),
        });
      });

      test('finds the error’s code, domain and field with Google’s own classes', () => {
        expect(found.details).toEqual({
          code: 5,
          reason: 'NOT_FOUND',
          domain: 'demeter',
          field: 'model_name',
        });
      });

      test('unloads and loads a model', () => {
        expect(found.unloaded).toMatchObject({
          ready: false,
          index: [{ name: 'mixed', state: 'UNKNOWN' }, { name: 'plants' }],
        });
        expect(found.loaded_again).toBe(true);
        for (const difference of Object.values(found.after_load) as number[]) {
          expect(difference).toBeLessThan(TOLERANCE);
        }
      });

      test('and the metrics tell of it under Triton’s names', async () => {
        const metrics = await (await fetch(`http://${server.metrics}/metrics`)).text();
        const value = (sample: string) =>
          Number(
            metrics
              .split('\n')
              .find((line) => line.startsWith(`${sample} `))
              ?.split(' ')[1],
          );
        const mixed = 'model="mixed",version="7"';
        expect(value(`nv_inference_request_success{${mixed}}`)).toBe(25);
        expect(value(`nv_inference_count{${mixed}}`)).toBe(28);
        expect(value(`nv_inference_exec_count{${mixed}}`)).toBe(25);
        expect(value(`nv_inference_request_failure{${mixed},reason="OTHER"}`)).toBeGreaterThan(4);
        expect(value('nv_inference_pending_request_count{model="plants",version="1"}')).toBe(0);
        expect(value(`demeter_inference_batch_size_bucket{le="1",${mixed}}`)).toBe(22);
        expect(
          value('demeter_inference_model_bytes{model="plants",version="1",provider="cpu"}'),
        ).toBeGreaterThan(0);
      });
    });

    describe('grpcurl', () => {
      const curl = async (
        words: readonly string[],
        more: { data?: object; token?: string } = {},
      ) => {
        const data = more.data ? ['-d', JSON.stringify(more.data)] : [];
        const token = more.token ? ['-H', `authorization: Bearer ${more.token}`] : [];
        const [address = server.grpc, ...rest] = words;
        return await runCommand([
          grpcurl!,
          '-plaintext',
          ...PATIENT,
          ...token,
          ...data,
          address,
          ...rest,
        ]);
      };

      test('lists and describes every service by reflection', async () => {
        const { output } = await curl([server.grpc, 'list']);
        expect(output.trim().split('\n')).toEqual([
          'demeter.v1.Mesh',
          'demeter.v1.Models',
          'grpc.health.v1.Health',
          'grpc.reflection.v1.ServerReflection',
          'grpc.reflection.v1alpha.ServerReflection',
          'inference.GRPCInferenceService',
        ]);
        for (const service of output.trim().split('\n')) {
          const { code, output: described } = await curl([server.grpc, 'describe', service]);
          expect({ service, code }).toEqual({ service, code: 0 });
          expect(described).toContain('rpc ');
        }
      });

      test('asks for health, of the server and of a model', async () => {
        for (const service of ['', 'model/plants/1']) {
          const { output } = await curl([server.grpc, 'grpc.health.v1.Health/Check'], {
            data: { service },
          });
          expect(JSON.parse(output)).toEqual({ status: 'SERVING' });
        }
        const { output } = await curl([server.grpc, 'demeter.v1.Mesh/GetHealthReport']);
        expect(JSON.parse(output)).toMatchObject({ report: { ready: true, provider: 'cpu' } });
      });

      test('watches a model’s health while it is unloaded and loaded', async () => {
        const data = ['-d', JSON.stringify({ service: 'model/mixed/7' })];
        const words = [server.grpc, 'grpc.health.v1.Health/Watch'];
        const watch = Bun.spawn([grpcurl!, '-plaintext', ...PATIENT, ...data, ...words], {
          ...{ stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' },
        });
        const change = async (what: string) => {
          const { code } = await curl([server.grpc, `inference.GRPCInferenceService/${what}`], {
            data: { model_name: 'mixed' },
          });
          expect(code).toBe(0);
        };
        let seen = '';
        for await (const chunk of watch.stdout) {
          const before = seen;
          seen += new TextDecoder().decode(chunk);
          const states: readonly string[] = seen.match(/(NOT_)?SERVING/g) ?? [];
          if (before === '') await change('RepositoryModelUnload');
          else if (states.length === 2) await change('RepositoryModelLoad');
          if (states.at(-1) === 'SERVING' && states.includes('NOT_SERVING')) break;
        }
        watch.kill();
        await watch.exited;
        expect(seen.match(/(NOT_)?SERVING/g)?.slice(0, 2)).toEqual(['SERVING', 'NOT_SERVING']);
      });

      test('infers with typed contents, and reads typed ones', async () => {
        const { output } = await curl([server.grpc, 'inference.GRPCInferenceService/ModelInfer'], {
          data: {
            model_name: 'mixed',
            id: 'typed',
            parameters: { binary_data_output: { bool_param: false } },
            inputs: [
              {
                ...{ name: 'images', datatype: 'FP32', shape: [1, 3, 32, 32] },
                contents: { fp32_contents: Array(3 * 32 * 32).fill(0.75) },
              },
              {
                ...{ name: 'size', datatype: 'INT64', shape: [1, 2] },
                contents: { int64_contents: [6, 7] },
              },
            ],
            outputs: [{ name: 'area' }, { name: 'vector' }, { name: 'bright' }],
          },
        });
        expect(JSON.parse(output)).toMatchObject({
          model_version: '7',
          id: 'typed',
          outputs: [
            { name: 'area', datatype: 'INT64', contents: { int64_contents: ['42'] } },
            { name: 'vector', contents: { fp32_contents: [0.75, 0.75, 0.75] } },
            { name: 'bright', contents: { bool_contents: [true, true, true] } },
          ],
        });
      });

      test('finds no RPC that a token without its scope may call', async () => {
        const token = 'a-token-that-may-only-look';
        const file = join(folder, 'tokens.json');
        const sha256 = createHash('sha256').update(token).digest('hex');
        writeFileSync(file, JSON.stringify([{ name: 'eye', sha256, scopes: ['health'] }]));
        const guarded = await startInference(folder, { DEMETER_GRPC_TOKENS_FILE: file });
        const list = async (...words: string[]) => {
          const { output } = await curl([guarded.grpc, 'list', ...words], { token });
          return output.trim().split('\n');
        };
        const services = await list();
        const methods = (await Promise.all(services.map((service) => list(service)))).flat();
        const client = new Client(guarded.grpc, ChannelCredentials.createInsecure());
        const answers = await Promise.all(
          methods.map(async (method) => [method, await refusal(client, method, token)] as const),
        );
        client.close();
        await guarded.stop();
        const open = answers.filter(([, why]) => why === undefined).map(([method]) => method);
        expect(open).toEqual(LOOKING);
        for (const [method, why] of answers) {
          if (!LOOKING.includes(method)) expect(why).toMatch(/lacks the scope (work|models)\.$/);
        }
        expect(answers.length - open.length).toBeGreaterThan(15);
      });
    });
  },
);
