import { AppError, toAppError, toProblem } from '@demeter/common/errors';

/** SQLSTATE classes after which the same request may succeed: nothing was written. */
const AWAY = /^(08|53|57|25006|40)/;
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
]);
const AWAY_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered|Query read timeout|the database system is/i;

/** Checks, nulls, what is no number or time or is out of range, and what text and JSON cannot hold. */
const REFUSED_VALUES = new Set([
  '23502',
  '23514',
  '22003',
  '22007',
  '22008',
  '22021',
  '22P02',
  '22P05',
]);

/**
 * What the caller is told of anything thrown: our own errors as they are, a database that is away
 * as 503, a broken reference or a taken code by name, all else without its message.
 */
export function errorOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return databaseError(thrown) ?? toAppError(thrown);
}

/** The fields of pg's errors that are read here. */
interface DatabaseFault {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly severity?: unknown;
  readonly syscall?: unknown;
}

function databaseError(thrown: unknown): AppError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const fault = thrown as DatabaseFault;
  const code = typeof fault.code === 'string' ? fault.code : '';
  const constraint = typeof fault.constraint === 'string' ? fault.constraint : '';
  const ofServer = typeof fault.severity === 'string';
  if (ofServer && code === '23505') {
    return new AppError('ALREADY_EXISTS', 'Something with this code or key is there already.', {
      details: constraint === '' ? {} : { constraint },
      cause: thrown,
    });
  }
  if (ofServer && code === '23503') {
    return new AppError('INVALID_INPUT', 'The request names something that is not there.', {
      details: constraint === '' ? {} : { constraint },
      cause: thrown,
    });
  }
  if (constraint === 'stock_batches_not_below_zero') {
    return new AppError('STOCK_BELOW_ZERO', 'The batch holds fewer plants.', { cause: thrown });
  }
  if (ofServer && REFUSED_VALUES.has(code)) {
    return new AppError('INVALID_INPUT', 'A value is outside what is allowed.', {
      details: constraint === '' ? {} : { constraint },
      cause: thrown,
    });
  }
  const away = ofServer
    ? AWAY.test(code)
    : (AWAY_CODES.has(code) && fault.syscall !== undefined) || AWAY_MESSAGES.test(thrown.message);
  if (!away) return undefined;
  return new AppError('DATABASE_UNAVAILABLE', 'The database does not answer now.', {
    retryAfterSeconds: 5,
    cause: thrown,
  });
}

/** An answer in problem+json with Retry-After where waiting helps. */
export function problemResponse(error: AppError, correlationId: string): Response {
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-correlation-id': correlationId,
  });
  const retryAfter = error.retryAfterSeconds ?? (error.httpStatus === 503 ? 5 : undefined);
  if (retryAfter !== undefined) headers.set('retry-after', String(Math.ceil(retryAfter)));
  if (error.code === 'UNAUTHENTICATED') headers.set('www-authenticate', 'Bearer realm="demeter"');
  return new Response(JSON.stringify(toProblem(error, correlationId)), {
    status: error.httpStatus,
    headers,
  });
}
