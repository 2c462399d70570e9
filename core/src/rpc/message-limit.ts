import type { ServerInterceptor, ServiceDefinition } from '@grpc/grpc-js';
import { ServerInterceptingCall, status } from '@grpc/grpc-js';

/** Of every message but photos: an announcement, a filter of a thousand names, 30,000 hashes. */
const SMALL_BYTES_MAX = 1024 * 1024;

const TOO_LARGE = Symbol('too large');

/** A port has one limit for all its methods; those not in `large` get the small one by this. */
export function withSmallMessages<T extends ServiceDefinition>(
  service: T,
  large: readonly string[] = [],
): T {
  const limited = Object.entries(service).map(([name, method]) => [
    name,
    large.includes(name)
      ? method
      : {
          ...method,
          requestDeserialize: (bytes: Buffer) =>
            bytes.length > SMALL_BYTES_MAX ? TOO_LARGE : method.requestDeserialize(bytes),
        },
  ]);
  return Object.fromEntries(limited);
}

/** Answers what `withSmallMessages` has found to be too large. */
export const messageLimitInterceptor: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(call, {
    start: (next) =>
      next({
        onReceiveMessage: (message, forward) => {
          if (message !== TOO_LARGE) return forward(message);
          call.sendStatus({
            code: status.RESOURCE_EXHAUSTED,
            details: `A message of this method has at most ${SMALL_BYTES_MAX} bytes.`,
          });
        },
      }),
  });
