import { AppError, ERRORS, isErrorCode } from '@demeter/common/errors';
import { decodeErrorDetails, ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import { type ServiceError, status } from '@grpc/grpc-js';

/** What a call ended with; shown with its code and what to do about it. */
export class CoreError extends Error {
  constructor(
    /** A code of the closed list where the core said one, else gRPC's name of the status. */
    readonly code: string,
    message: string,
    readonly hint: string,
    /** The same call may succeed a little later: the core restarts, or is too busy. */
    readonly again: boolean,
  ) {
    super(message);
  }
}

/** Statuses with which a call ends when its connection breaks. */
const LINK = new Set([status.UNAVAILABLE, status.INTERNAL, status.CANCELLED, status.UNKNOWN]);
/** What mends itself; a model that nobody holds needs a person. */
const AGAIN = new Set([
  ...['DRAINING', 'TOO_MANY_REQUESTS', 'DATABASE_UNAVAILABLE'],
  ...['OBJECT_STORE_UNAVAILABLE', 'ISSUER_UNAVAILABLE', 'DEADLINE_EXCEEDED'],
]);

/** Reads ErrorInfo, else `CODE: message`, else the bare status. */
export function toCoreError(error: unknown): CoreError {
  if (error instanceof CoreError) return error;
  if (error instanceof AppError) return new CoreError(error.code, error.message, error.hint, false);
  if (!isServiceError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return new CoreError('FAILED', message, '', false);
  }
  const bytes = error.metadata?.get(ERROR_DETAILS_KEY)[0];
  const info = bytes instanceof Uint8Array ? decodeErrorDetails(bytes) : undefined;
  const [, code = '', message = ''] = /^([A-Z][A-Z_]+): ([\s\S]*)$/.exec(error.details) ?? [];
  if (info || isErrorCode(code)) {
    const said = info?.reason ?? code;
    const hint = info?.metadata.hint ?? (isErrorCode(said) ? ERRORS[said][2] : '');
    return new CoreError(said, message || info?.message || said, hint, AGAIN.has(said));
  }
  return new CoreError(
    status[error.code] ?? 'UNKNOWN',
    // grpc-js also tells what a name resolved to, mostly nothing.
    error.details.replace(/\s*Resolution note:[\s\S]*$/, ''),
    error.code === status.UNIMPLEMENTED ? 'This core is of another version.' : '',
    LINK.has(error.code),
  );
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}
