import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '@demeter/common/child-process';

const ROOT = join(import.meta.dir, '../..');

export interface Judged {
  readonly verdict: { readonly reasons: readonly { readonly code: string }[] } | null;
  /** From the last byte sent to the verdict, milliseconds. */
  readonly verdictMs: number;
}

export interface RunningEdge {
  judge(bytes: Uint8Array, camera: string): Promise<Judged>;
  stop(): Promise<void>;
}

const LOOK_MS = 4;

/** A real edge without a centre, on a folder of its own, and cameras that it knows. */
export async function startEdge(cameras: readonly string[]): Promise<RunningEdge> {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-bench-'));
  const keys = new Map(cameras.map((code) => [code, randomBytes(16).toString('hex')]));
  const known = [...keys].map(([code, key]) => {
    return { code, key_sha256: createHash('sha256').update(key).digest('hex') };
  });
  const file = join(folder, 'cameras.json');
  writeFileSync(file, JSON.stringify({ cameras: known }));
  const child = await startChild({
    name: 'the edge',
    entry: join(ROOT, 'edge/src/main.ts'),
    cwd: ROOT,
    args: [],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DEMETER_EDGE_DATA: join(folder, 'data'),
      DEMETER_EDGE_PORT: '0',
      DEMETER_EDGE_CAMERAS: file,
      LOG_LEVEL: 'warn',
    },
    logFile: join(folder, 'edge.log'),
  });
  const { http } = child.ready as { http: string };
  const url = http.startsWith('http') ? http : `http://${http}`;
  return {
    judge: async (bytes, camera) => {
      const headers = { authorization: `Bearer ${keys.get(camera)}` };
      const answer = await fetch(`${url}/photos`, { method: 'POST', headers, body: bytes });
      const sent = performance.now();
      if (!answer.ok) throw new Error(`the edge says ${answer.status}: ${await answer.text()}`);
      const { photo_id: id } = (await answer.json()) as { photo_id: string };
      for (;;) {
        const photo = (await (await fetch(`${url}/photos/${id}`, { headers })).json()) as {
          state: string;
          verdict: Judged['verdict'];
        };
        const verdictMs = performance.now() - sent;
        if (photo.state !== 'spooled') return { verdict: photo.verdict, verdictMs };
        await Bun.sleep(LOOK_MS);
      }
    },
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
