/** For tests: demeter.v1.Models and the health of models, as an administrator's client sees them. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { demeterV1, type ModelStatus__Output } from '@demeter/proto';
import {
  ChannelCredentials,
  type Client,
  loadPackageDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';

export interface TestUpload {
  readonly name: string;
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly sha256?: Uint8Array;
  readonly sizeBytes?: number;
  readonly manifest?: string;
  readonly load?: boolean;
}

type Unary<Request, Response> = (
  request: Request,
  done: (error: ServiceError | null, response?: Response) => void,
) => unknown;

interface HealthClient extends Client {
  readonly check: Unary<{ service: string }, { status: string }>;
  watch(request: { service: string }): NodeJS.ReadableStream & { cancel(): void };
}

export class TestModels {
  readonly client: InstanceType<typeof demeterV1.Models>;
  readonly #health: HealthClient;

  constructor(address: string) {
    const insecure = ChannelCredentials.createInsecure();
    this.client = new demeterV1.Models(address, insecure);
    const loaded = loadPackageDefinition(loadSync(protoPath, { enums: String })) as unknown as {
      grpc: { health: { v1: { Health: new (...args: unknown[]) => HealthClient } } };
    };
    this.#health = new loaded.grpc.health.v1.Health(address, insecure);
  }

  /** `name/version` → state, and all else. */
  async list(): Promise<Record<string, ModelStatus__Output>> {
    const { models } = await ask(this.client.listModels.bind(this.client), {});
    return Object.fromEntries(models.map((model) => [`${model.name}/${model.version}`, model]));
  }

  async load(name: string, version = '', pin = false): Promise<ModelStatus__Output> {
    const { model } = await ask(this.client.loadModel.bind(this.client), { name, version, pin });
    return model!;
  }

  async unload(name: string, version = ''): Promise<ModelStatus__Output[]> {
    return (await ask(this.client.unloadModel.bind(this.client), { name, version })).models;
  }

  async pin(name: string, version: string, pinned: boolean): Promise<ModelStatus__Output> {
    const request = { name, version, pinned };
    return (await ask(this.client.pinModel.bind(this.client), request)).model!;
  }

  async remove(name: string, version: string): Promise<void> {
    await ask(this.client.removeModel.bind(this.client), { name, version });
  }

  async upload(upload: TestUpload): Promise<ModelStatus__Output> {
    const { promise, resolve, reject } = Promise.withResolvers<ModelStatus__Output>();
    const call = this.client.uploadModel((error, answer) =>
      answer?.model ? resolve(answer.model) : reject(error),
    );
    call.on('error', reject);
    const { name, version, bytes } = upload;
    const sha256 = upload.sha256 ?? createHash('sha256').update(bytes).digest();
    call.write({
      header: {
        name,
        version,
        sha256,
        size_bytes: upload.sizeBytes ?? bytes.length,
        manifest_json: upload.manifest ?? '',
        load: upload.load ?? false,
      },
    });
    const chunkBytes = 256 * 1024;
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      if (!call.write({ chunk: bytes.subarray(at, at + chunkBytes) })) {
        await Promise.race([once(call, 'drain'), promise.catch(() => {})]);
      }
    }
    call.end();
    return await promise;
  }

  /** Of one version; of the whole server without a name. */
  async health(name = '', version = ''): Promise<string> {
    const service = name === '' ? '' : `model/${name}/${version}`;
    return (await ask(this.#health.check.bind(this.#health), { service })).status;
  }

  /** States that Watch tells, from the one now on. */
  watch(name: string, version: string): { readonly seen: string[]; readonly stop: () => void } {
    const call = this.#health.watch({ service: `model/${name}/${version}` });
    const seen: string[] = [];
    call.on('data', ({ status }: { status: string }) => seen.push(status));
    call.on('error', () => {
      // It was cancelled.
    });
    return { seen, stop: () => call.cancel() };
  }

  close(): void {
    this.client.close();
    this.#health.close();
  }
}

function ask<Request, Response>(
  method: Unary<Request, Response>,
  request: Request,
): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  method(request, (error, response) => (response ? resolve(response) : reject(error)));
  return promise;
}
