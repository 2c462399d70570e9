import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demeterV1, type Result__Output, type WorkResponse__Output } from '@demeter/proto';
import { ChannelCredentials } from '@grpc/grpc-js';
import { OVERLAP, TILE_PX } from './photo-tiles.ts';

/** An inference server of its own, and a Work stream to it. */
export interface ServedTiles extends WorkClient {
  readonly pid: number;
  /** host:port of its gRPC. */
  readonly address: string;
  /** Another stream, with credits of its own. */
  connect(): WorkClient;
}

export interface WorkClient {
  /** Sends the photo `times` over, as many at once as there are credits; answers the results. */
  count(options: CountOptions): Promise<readonly Result__Output[]>;
  stop(): Promise<void>;
}

export interface CountOptions {
  readonly content: Uint8Array;
  readonly times: number;
  /** In tiles of the model's size, the whole photo once, or as the model's manifest says. */
  readonly tiling: 'tiles' | 'off' | 'manifest';
  /** 0, for live photos, unless said otherwise. */
  readonly lane?: number;
}

const TILING = {
  tiles: { mode: 'MODE_FIXED', tile_px: TILE_PX, overlap: OVERLAP },
  off: { mode: 'MODE_OFF' },
  manifest: undefined,
} as const;

const SERVER = join(import.meta.dir, '../../inference/src/main.ts');

export async function serveTiles(options: {
  readonly modelFolder: string;
  readonly model: string;
  readonly threads: number;
  /** Where the server keeps what it finds out about models. */
  readonly folder?: string;
}): Promise<ServedTiles> {
  const server = Bun.spawn([process.execPath, SERVER, '--stop-with-parent'], {
    env: {
      ORT_DISABLE_TELEMETRY: '1',
      LOG_LEVEL: 'warn',
      USE_GPU: 'false',
      MODEL_DIR: options.modelFolder,
      DEMETER_INFERENCE_PORT: '0',
      DEMETER_INFERENCE_METRICS_PORT: '0',
      DEMETER_INFERENCE_THREADS: String(options.threads),
      DEMETER_GPU_LOCK_DIR: options.folder ?? mkdtempSync(join(tmpdir(), 'demeter-bench-')),
    },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
  });
  const { value } = await server.stdout.getReader().read();
  const line: { grpc: string; ready: boolean } = JSON.parse(new TextDecoder().decode(value));
  const own = connect(line.grpc, options.model);
  return {
    pid: server.pid,
    address: line.grpc,
    count: own.count,
    connect: () => connect(line.grpc, options.model),
    stop: async () => {
      await own.stop();
      server.kill('SIGTERM');
      await server.exited;
    },
  };
}

function connect(address: string, model: string): WorkClient {
  const client = new demeterV1.Mesh(address, ChannelCredentials.createInsecure());
  const work = client.work();
  const answers = new Map<string, PromiseWithResolvers<Result__Output>>();
  let credits = 0;
  const credited: (() => void)[] = [];
  let sent = 0;

  work.on('data', (message: WorkResponse__Output) => {
    credits += message.credit?.photos ?? 0;
    while (credits > 0 && credited.length > 0) {
      credits--;
      credited.shift()?.();
    }
    if (message.result) answers.get(message.result.work_id)?.resolve(message.result);
    if (message.failure) {
      const error = new Error(`${message.failure.code}: ${message.failure.message}`);
      answers.get(message.failure.work_id)?.reject(error);
    }
  });
  work.write({ hello: { core_id: 'bench', protocol_version: 1 } });

  const countOne = async ({ content, tiling, lane = 0 }: CountOptions, sha256: Buffer) => {
    if (credits > 0) credits--;
    else await new Promise<void>((resolve) => credited.push(resolve));
    const work_id = String(sent++);
    const answer = Promise.withResolvers<Result__Output>();
    answers.set(work_id, answer);
    const models = [{ role: 'plants', name: model, version: '1' }];
    const pipeline = { models, ...(TILING[tiling] && { tiling: TILING[tiling] }) };
    work.write({ photo: { work_id, sha256, content, lane, deadline_ms: 600_000, pipeline } });
    const result = await answer.promise;
    answers.delete(work_id);
    return result;
  };
  return {
    count: (photo) => {
      const sha256 = createHash('sha256').update(photo.content).digest();
      return Promise.all(Array.from({ length: photo.times }, () => countOne(photo, sha256)));
    },
    stop: async () => {
      work.end();
      client.close();
    },
  };
}
