/** gRPC's event emitters as promises and async iterators. */
import type { ClientReadableStream, ClientWritableStream } from '@grpc/grpc-js';

interface Cancellable {
  cancel(): void;
}

/** Cancels the call when `signal` aborts, for as long as `work` lasts. */
export async function cancelledBy<T>(
  signal: AbortSignal,
  call: Cancellable,
  work: Promise<T>,
): Promise<T> {
  const cancel = () => call.cancel();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  try {
    return await work;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** What the server sends, taken one by one: the next is read when the last was used. */
export async function* messages<T>(
  call: ClientReadableStream<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  // Left early, the call still ends with an error, which then is nobody's.
  call.on('error', () => {});
  try {
    yield* call as AsyncIterable<T>;
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** Resolves when the message is on its way, so that no more than one waits here. */
export async function write<T>(call: ClientWritableStream<T>, message: T): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  call.write(message, (error?: Error | null) => (error ? reject(error) : resolve()));
  await promise;
}
