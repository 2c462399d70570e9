import { once } from 'node:events';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type {
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
} from '@grpc/grpc-js';
import type { UserPrincipal } from '../auth/principal.ts';
import { errorOf } from '../http/error-response.ts';
import { callerOf } from './callers.ts';
import { toServiceError } from './service-error.ts';

export interface CallOptions {
  readonly log: Logger;
  /** Aborts when the core stops. */
  readonly stopping: AbortSignal;
}

/** Who calls; the signal aborts where the client goes or the core stops. */
export interface CallContext {
  readonly caller: UserPrincipal;
  readonly signal: AbortSignal;
}

/** A unary handler from a function that answers or throws. */
export function unary<Request, Response>(
  { log, stopping }: CallOptions,
  answer: (request: Request, context: CallContext) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort(clientGone()));
    const signal = AbortSignal.any([gone.signal, stopping]);
    Promise.resolve()
      .then(() => answer(call.request, { caller: callerOf(call), signal }))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(refused(log, stopping.aborted ? orDraining(error) : error)),
      );
  };
}

/** A handler of a stream of requests, which are read one after the other. */
export function clientStream<Request, Response>(
  { log }: CallOptions,
  answer: (requests: AsyncIterable<Request>, caller: UserPrincipal) => Promise<Response>,
): handleClientStreamingCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => answer(call, callerOf(call)))
      .then(
        (response) => callback(null, response),
        (error: unknown) => {
          if (!call.cancelled) callback(refused(log, error));
        },
      );
  };
}

/**
 * A handler that answers what a generator yields. A slow client holds up the generator: no more is
 * asked of it than the client takes.
 */
export function serverStream<Request, Response>(
  { log, stopping }: CallOptions,
  answer: (request: Request, context: CallContext) => AsyncIterable<Response>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort(clientGone()));
    const signal = AbortSignal.any([gone.signal, stopping]);
    const run = async () => {
      for await (const message of answer(call.request, { caller: callerOf(call), signal })) {
        signal.throwIfAborted();
        if (!call.write(message)) await once(call, 'drain', { signal });
      }
      call.end();
    };
    run().catch((error: unknown) => {
      if (gone.signal.aborted) return;
      call.emit('error', refused(log, stopping.aborted ? orDraining(error) : error));
    });
  };
}

/** What was cut short because the core stops is told so; a refusal stays what it is. */
function orDraining(error: unknown): unknown {
  if (error instanceof AppError) return error;
  return new AppError('DRAINING', 'This core stops; go on with another.');
}

function clientGone(): AppError {
  return new AppError('CANCELLED', 'The client is gone.');
}

function refused(log: Logger, error: unknown) {
  const shown = errorOf(error);
  if (shown.httpStatus === 500) log.error({ err: error }, shown.message);
  return toServiceError(shown);
}
