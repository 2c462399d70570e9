/**
 * For tests: the session worker, which says that it runs on CUDA and fails as a GPU does. The fault
 * is made by the file of its name in FAULTS_DIR, once, by the first run that finds it:
 * `cuda` fails the run as ONNX Runtime does where it says the text in the file; `hang` never returns from it.
 */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import './session-worker.ts';
import { toRunFailure } from './run-failure.ts';
import type { WorkerAnswer, WorkerRequest } from './session-protocol.ts';

declare const self: Worker;

const folder = process.env.FAULTS_DIR ?? '';
const work = self.onmessage as (event: MessageEvent<WorkerRequest>) => void;
const post = self.postMessage.bind(self);

const say = (answer: WorkerAnswer, transfer: ArrayBuffer[] = []) =>
  post(answer.type === 'loaded' ? { ...answer, provider: 'cuda' } : answer, transfer);
self.postMessage = say as typeof self.postMessage;

self.onmessage = (event: MessageEvent<WorkerRequest>) => {
  const { id, type } = event.data;
  const runs = type === 'run' || type === 'tensors';
  const message = runs ? take('cuda') : undefined;
  if (message !== undefined) {
    const failure = toRunFailure(new Error(message), 'run');
    post({ type: 'failed', id, ...failure } satisfies WorkerAnswer, []);
  } else if (type === 'run' && take('hang') !== undefined) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  } else work.call(self, event);
};

/** The file's text where it is there, for one worker only. */
function take(name: string): string | undefined {
  const mine = join(folder, `${name}-taken-by-${process.pid}`);
  try {
    renameSync(join(folder, name), mine);
    return readFileSync(mine, 'utf8');
  } catch {
    return undefined;
  }
}
