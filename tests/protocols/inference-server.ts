import { join } from 'node:path';
import { cleanEnvironment } from '../system/environment.ts';
import { ROOT } from '../system/program.ts';

export interface InferenceServer {
  readonly grpc: string;
  readonly metrics: string;
  readonly stop: () => Promise<number>;
}

/** One inference server as a process, on `<folder>/models`. Throws where it is not ready. */
export async function startInference(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<InferenceServer> {
  const child = Bun.spawn([process.execPath, '--no-orphans', 'inference/src/main.ts'], {
    cwd: ROOT,
    env: cleanEnvironment({
      MODEL_DIR: join(folder, 'models'),
      DEMETER_INFERENCE_PORT: '0',
      DEMETER_INFERENCE_METRICS_PORT: '0',
      DEMETER_INFERENCE_THREADS: '1',
      DEMETER_GPU_LOCK_DIR: join(folder, 'locks'),
      ...env,
    }),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'ignore',
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.includes('\n')) break;
  }
  const line = JSON.parse(text) as {
    ready: boolean;
    reason: string;
    grpc: string;
    metrics: string;
  };
  if (!line.ready) throw new Error(line.reason);
  return {
    ...line,
    stop: () => {
      child.kill('SIGTERM');
      return child.exited;
    },
  };
}
