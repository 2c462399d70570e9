import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demeterV1, type Result__Output, type WorkResponse__Output } from '@demeter/proto';
import { ChannelCredentials } from '@grpc/grpc-js';
import { OVERLAP, TILE_PX } from './photo-tiles.ts';

/** An inference server of its own, and a Work stream to it. */
export interface ServedTiles {
  readonly pid: number;
  /** Sends the photo `times` over, as many at once as there are credits; answers the results. */
  count(options: CountOptions): Promise<readonly Result__Output[]>;
  stop(): Promise<void>;
}

export interface CountOptions {
  readonly content: Uint8Array;
  readonly times: number;
  readonly tiled: boolean;
}

const SERVER = join(import.meta.dir, '../../inference/src/main.ts');

export async function serveTiles(options: {
  readonly modelFolder: string;
  readonly model: string;
  readonly threads: number;
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
      DEMETER_GPU_LOCK_DIR: mkdtempSync(join(tmpdir(), 'demeter-bench-')),
    },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
  });
  const { value } = await server.stdout.getReader().read();
  const line: { grpc: string; ready: boolean } = JSON.parse(new TextDecoder().decode(value));
  const client = new demeterV1.Mesh(line.grpc, ChannelCredentials.createInsecure());
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

  const countOne = async ({ content, tiled }: CountOptions, sha256: Buffer) => {
    if (credits > 0) credits--;
    else await new Promise<void>((resolve) => credited.push(resolve));
    const work_id = String(sent++);
    const answer = Promise.withResolvers<Result__Output>();
    answers.set(work_id, answer);
    const tiling = tiled
      ? ({ mode: 'MODE_FIXED', tile_px: TILE_PX, overlap: OVERLAP } as const)
      : ({ mode: 'MODE_OFF' } as const);
    const models = [{ role: 'plants', name: options.model, version: '1' }];
    const deadline_ms = 600_000;
    work.write({ photo: { work_id, sha256, content, deadline_ms, pipeline: { models, tiling } } });
    return answer.promise;
  };
  return {
    pid: server.pid,
    count: (photo) => {
      const sha256 = createHash('sha256').update(photo.content).digest();
      return Promise.all(Array.from({ length: photo.times }, () => countOne(photo, sha256)));
    },
    stop: async () => {
      work.end();
      client.close();
      server.kill('SIGTERM');
      await server.exited;
    },
  };
}
