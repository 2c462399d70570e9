import { AppError } from '@demeter/common/errors';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { toServiceError } from './service-error.ts';

/**
 * A unary handler from a function that answers or throws. The signal aborts when the client is gone,
 * or its deadline has passed.
 */
export function unary<Request, Response>(
  answer: (request: Request, signal: AbortSignal) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const abort = new AbortController();
    call.on('cancelled', () => abort.abort(new AppError('CANCELLED', 'The client is gone.')));
    void (async () => {
      try {
        callback(null, await answer(call.request, abort.signal));
      } catch (error) {
        callback(toServiceError(error));
      }
    })();
  };
}
