/** For tests: a real server process and a client that speaks to it as the core does. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  demeterV1,
  type Pipeline,
  type WorkRequest,
  type WorkResponse__Output,
} from '@demeter/proto';
import { ChannelCredentials, type ChannelOptions, Metadata } from '@grpc/grpc-js';

const root = join(import.meta.dir, '../..');
const dataFolder = process.env.DEMETER_TEST_DATA ?? join(root, '../shared/data');

/** The folder of test photos and models; undefined where this machine does not have it. */
export const testData = existsSync(join(dataFolder, 'photos-and-models')) ? dataFolder : undefined;
if (testData === undefined) console.warn(`left out: tests that need ${dataFolder}`);

export function dataFile(...path: string[]): string {
  return join(testData ?? dataFolder, ...path);
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'demeter-inference-'));
}

export interface TestServer {
  readonly process: Bun.Subprocess<'ignore', 'pipe', 'pipe'>;
  /** The line that it printed when it was ready. */
  readonly line: Readonly<Record<string, unknown>> & {
    readonly grpc: string;
    readonly metrics: string;
  };
  readonly stop: () => Promise<number>;
}

/** Starts `src/<entry>` with nothing in its environment but what is given, on free ports. */
export async function startServer(
  env: Readonly<Record<string, string>>,
  entry = 'main.ts',
): Promise<TestServer> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, entry)], {
    env: {
      HOME: temporaryFolder(),
      LOG_FORMAT: 'json',
      ORT_DISABLE_TELEMETRY: '1',
      DEMETER_INFERENCE_PORT: '0',
      DEMETER_INFERENCE_METRICS_PORT: '0',
      DEMETER_GPU_LOCK_DIR: temporaryFolder(),
      // Measuring takes seconds for each model; its own test turns it on.
      DEMETER_INFERENCE_CALIBRATION_MS: '0',
      ...env,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const line = await firstLine(child);
  return {
    process: child,
    line,
    stop: () => {
      child.kill('SIGTERM');
      return child.exited;
    },
  };
}

async function firstLine(child: TestServer['process']): Promise<TestServer['line']> {
  let text = '';
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.includes('\n')) return JSON.parse(text.slice(0, text.indexOf('\n')));
  }
  throw new Error(`ended before it was ready: ${await new Response(child.stderr).text()}`);
}

/** One Work stream. */
export class TestCore {
  readonly client: InstanceType<typeof demeterV1.Mesh>;
  readonly answers: WorkResponse__Output[] = [];
  readonly #call;
  readonly #waiting: (() => void)[] = [];
  ended = false;
  error: unknown;

  constructor(address: string, token?: string, options: ChannelOptions = {}) {
    this.client = new demeterV1.Mesh(address, ChannelCredentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      ...options,
    });
    const metadata = new Metadata();
    if (token) metadata.set('authorization', `Bearer ${token}`);
    this.#call = this.client.work(metadata);
    this.#call.on('data', (answer: WorkResponse__Output) => {
      this.answers.push(answer);
      this.#wake();
    });
    this.#call.on('end', () => {
      this.ended = true;
      this.#wake();
    });
    this.#call.on('error', (error: unknown) => {
      this.error = error;
      this.ended = true;
      this.#wake();
    });
    this.send({ hello: { core_id: 'test', protocol_version: 1 } });
  }

  send(request: WorkRequest): void {
    this.#call.write(request);
  }

  /** Sends a photo; `model` is a bare file of the test data unless the pipeline says otherwise. */
  sendPhoto(workId: string, content: Uint8Array, model: string, more: PhotoOptions = {}): void {
    const { sha256, pipeline, ...rest } = more;
    this.send({
      photo: {
        work_id: workId,
        content,
        sha256: sha256 ?? createHash('sha256').update(content).digest(),
        media_type: 'image/jpeg',
        pipeline: { models: [{ role: 'plants', name: model, version: '1' }], ...pipeline },
        deadline_ms: 60_000,
        correlation_id: `test-${workId}`,
        ...rest,
      },
    });
  }

  /** Resolves with the first answer that `accept` takes. */
  async until(accept: (answer: WorkResponse__Output) => boolean): Promise<WorkResponse__Output> {
    for (;;) {
      const found = this.answers.find(accept);
      if (found) return found;
      if (this.ended) throw new Error('the stream has ended', { cause: this.error });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  answerOf(workId: string): Promise<WorkResponse__Output> {
    return this.until((a) => (a.result ?? a.failure ?? a.hand_back)?.work_id === workId);
  }

  async untilEnd(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#call.end();
    this.client.close();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export interface PhotoOptions {
  readonly sha256?: Uint8Array;
  readonly pipeline?: Pipeline;
  readonly deadline_ms?: number;
  readonly lane?: number;
  readonly traceparent?: string;
}

/** The error that `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}
