import { AppError } from '@demeter/common/errors';
import type {
  ModelInferRequest__Output,
  ModelInferResponse,
  ModelStreamInferResponse,
} from '@demeter/proto';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { toServiceError } from '../service-error.ts';

/** Requests of one stream under way; more are left in the connection, which holds the client back. */
const UNDER_WAY_MAX = 4;

type Call = ServerDuplexStream<ModelInferRequest__Output, ModelStreamInferResponse>;
type Infer = (
  request: ModelInferRequest__Output,
  signal: AbortSignal,
) => Promise<ModelInferResponse>;

/**
 * Answers each request of a stream, in the order in which they came. An error is a message with the
 * request's id, and the stream goes on; it ends the stream where the client has sent the header
 * `triton_grpc_error: true`.
 *
 * reading ⇄ paused (too much under way, or the client reads slowly) → ended, when the client has
 * ended its side and all is answered, is gone, or asked for errors that end.
 */
export function serveInferStream(call: Call, infer: Infer): void {
  const endsOnError = call.metadata.get('triton_grpc_error')[0] === 'true';
  const abort = new AbortController();
  let underWay = 0;
  let answered = Promise.resolve();
  const gone = () => abort.abort(new AppError('CANCELLED', 'The client is gone.'));
  call.on('cancelled', gone);
  call.on('error', gone);
  call.on('data', (request: ModelInferRequest__Output) => {
    if (++underWay >= UNDER_WAY_MAX) call.pause();
    const response = infer(request, abort.signal).then(succeeded, (error: unknown) => {
      if (!endsOnError) return failed(request.id, error);
      // The first one ends the stream; those after it only follow from that.
      if (!abort.signal.aborted) call.emit('error', toServiceError(error));
      return undefined;
    });
    answered = answered.then(async () => {
      const message = await response;
      if (message && !abort.signal.aborted) await write(call, message);
      underWay--;
      call.resume();
    });
  });
  call.on('end', () => void answered.then(() => call.end()));
}

/** Every request here has one answer, so each is its final one. */
function succeeded(response: ModelInferResponse): ModelStreamInferResponse {
  const parameters = { ...response.parameters, triton_final_response: { bool_param: true } };
  return { infer_response: { ...response, parameters } };
}

function failed(id: string, error: unknown): ModelStreamInferResponse {
  const parameters = { triton_final_response: { bool_param: true } };
  return { error_message: toServiceError(error).details, infer_response: { id, parameters } };
}

/** Resolves when the client has room for more, or is gone. */
async function write(call: Call, message: ModelStreamInferResponse): Promise<void> {
  if (call.write(message)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const event of ['drain', 'cancelled', 'close']) call.once(event, resolve);
  await promise;
  for (const event of ['drain', 'cancelled', 'close']) call.off(event, resolve);
}
