import { AppError } from '@demeter/common/errors';
import type { handleUnaryCall, Metadata } from '@grpc/grpc-js';
import { toServiceError } from './service-error.ts';

export interface CallContext {
  /** Aborts when the client is gone, or its deadline has passed. */
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
}

/** A unary handler from a function that answers or throws. */
export function unary<Request, Response>(
  answer: (request: Request, context: CallContext) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const abort = new AbortController();
    call.on('cancelled', () => abort.abort(new AppError('CANCELLED', 'The client is gone.')));
    void (async () => {
      try {
        callback(
          null,
          await answer(call.request, { signal: abort.signal, metadata: call.metadata }),
        );
      } catch (error) {
        callback(toServiceError(error));
      }
    })();
  };
}
