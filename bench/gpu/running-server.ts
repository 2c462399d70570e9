import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '@demeter/common/child-process';
import {
  demeterV1,
  type HealthReport__Output,
  type Result__Output,
  type WorkResponse__Output,
} from '@demeter/proto';
import { ChannelCredentials } from '@grpc/grpc-js';

const ROOT = join(import.meta.dir, '../..');
const CREDITS = 8;

export type Provider = 'cpu' | 'cuda' | 'tensorrt';

export interface CountOptions {
  readonly content: Uint8Array;
  readonly model: { readonly name: string; readonly version: string };
  /** As the model's manifest asks; `whole` runs the photo once. */
  readonly whole?: boolean;
}

/** An inference server on one provider, spoken to as the core does. */
export class RunningServer {
  readonly #answers = new Map<string, PromiseWithResolvers<Result__Output>>();
  readonly #waiting: (() => void)[] = [];
  readonly #work;
  #credits = 0;
  #sent = 0;

  private constructor(
    private readonly child: Awaited<ReturnType<typeof startChild>>,
    private readonly mesh: InstanceType<typeof demeterV1.Mesh>,
    private readonly models: InstanceType<typeof demeterV1.Models>,
  ) {
    this.#work = mesh.work();
    this.#work.on('data', (message: WorkResponse__Output) => this.#receive(message));
    this.#work.on('error', (error) => {
      for (const { reject } of this.#answers.values()) reject(error);
    });
    this.#work.write({ hello: { core_id: 'bench', protocol_version: 1 } });
  }

  static async start(provider: Provider, modelFolder: string): Promise<RunningServer> {
    const { PATH = '', HOME = '', LD_LIBRARY_PATH, CUDA_VISIBLE_DEVICES } = process.env;
    const child = await startChild({
      name: `inference on ${provider}`,
      entry: join(ROOT, 'inference/src/main.ts'),
      cwd: ROOT,
      env: {
        ...{ PATH, HOME, LD_LIBRARY_PATH, CUDA_VISIBLE_DEVICES },
        ORT_DISABLE_TELEMETRY: '1',
        LOG_LEVEL: 'warn',
        // Strict: a check of the GPU that ran on the CPU would say nothing.
        USE_GPU: provider === 'cpu' ? 'false' : 'true',
        DEMETER_INFERENCE_TENSORRT: String(provider === 'tensorrt'),
        MODEL_DIR: modelFolder,
        DEMETER_INFERENCE_PORT: '0',
        DEMETER_INFERENCE_METRICS_PORT: '0',
        DEMETER_INFERENCE_CREDITS: String(CREDITS),
        DEMETER_GPU_LOCK_DIR: mkdtempSync(join(tmpdir(), 'demeter-gpu-')),
      },
    });
    const address = String(child.ready.grpc);
    const credentials = ChannelCredentials.createInsecure();
    const options = { 'grpc.max_receive_message_length': -1 };
    return new RunningServer(
      child,
      new demeterV1.Mesh(address, credentials, options),
      new demeterV1.Models(address, credentials, options),
    );
  }

  /** Waits for a credit first, so that callers need not count them. */
  async count({ content, model, whole = false }: CountOptions): Promise<Result__Output> {
    if (this.#credits > 0) this.#credits--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const work_id = String(this.#sent++);
    const answer = Promise.withResolvers<Result__Output>();
    this.#answers.set(work_id, answer);
    this.#work.write({
      photo: {
        work_id,
        content,
        sha256: createHash('sha256').update(content).digest(),
        deadline_ms: 600_000,
        pipeline: {
          models: [{ role: 'plants', ...model }],
          ...(whole ? { tiling: { mode: 'MODE_OFF' } } : {}),
        },
      },
    });
    return await answer.promise;
  }

  async report(): Promise<HealthReport__Output> {
    const { promise, resolve, reject } = Promise.withResolvers<HealthReport__Output>();
    this.mesh.getHealthReport({}, (error, answer) => {
      if (error || !answer?.report) reject(error ?? new Error('no report'));
      else resolve(answer.report);
    });
    return await promise;
  }

  async load(model: CountOptions['model']): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.models.loadModel(model, (error) => (error ? reject(error) : resolve()));
    await promise;
  }

  async unload(model: CountOptions['model']): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.models.unloadModel(model, (error) => (error ? reject(error) : resolve()));
    await promise;
  }

  async stop(): Promise<void> {
    this.#work.end();
    this.mesh.close();
    this.models.close();
    await this.child.stop();
  }

  #receive({ credit, result, failure }: WorkResponse__Output): void {
    this.#credits += credit?.photos ?? 0;
    while (this.#credits > 0 && this.#waiting.length > 0) {
      this.#credits--;
      this.#waiting.shift()?.();
    }
    const id = (result ?? failure)?.work_id ?? '';
    if (result) this.#answers.get(id)?.resolve(result);
    if (failure) {
      this.#answers.get(id)?.reject(new Error(`${failure.code}: ${failure.message}`));
    }
    if (result ?? failure) this.#answers.delete(id);
  }
}
