/**
 * For tests: a session worker without a session, whose speed is by decree. Two sessions of two threads
 * run clearly more images than one of four, and four of one hardly more than two of two. Of the model
 * `huge` there is memory for one session only.
 */
import type { WorkerAnswer, WorkerRequest } from './session-protocol.ts';

declare const self: Worker;

const IMAGES_PER_MS: Readonly<Record<number, number>> = { 4: 1, 2: 0.7, 1: 0.36 };
let threads = 0;

self.onmessage = (event: MessageEvent<WorkerRequest>) => {
  self.postMessage(answerTo(event.data), []);
};

function answerTo(request: WorkerRequest): WorkerAnswer {
  const { id, type } = request;
  if (type === 'measure') return { type: 'measured', id, imagesPerMs: IMAGES_PER_MS[threads] ?? 0 };
  if (type === 'unload') return { type: 'unloaded', id };
  if (type !== 'load' || (request.setup !== undefined && request.spec.name === 'huge')) {
    return { type: 'failed', id, code: 'MODEL_MEMORY_FULL', message: 'no', deviceFault: false };
  }
  threads = request.threads;
  const setup = { takesPixels: true, batchSizes: [1], sessions: 1, threads };
  return { type: 'loaded', id, ...setup, provider: 'cpu', reason: '', tooSlow: false };
}
