import { AppError, type ErrorCode, toAppError, toProblem } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';

/** One mapper from errors to answers; messages of unknown errors go to the log alone. */
export function toErrorResponse(
  error: unknown,
  correlationId: string,
  log: Logger,
): { readonly response: Response; readonly code: ErrorCode } {
  const known = fromFramework(error) ?? toAppError(error);
  if (known.code === 'INTERNAL')
    log.error({ err: error, correlation_id: correlationId }, 'a request failed');
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'x-correlation-id': correlationId,
  };
  if (known.httpStatus === 401) headers['www-authenticate'] = 'Bearer realm="edge"';
  const wait = known.retryAfterSeconds ?? ([503, 507].includes(known.httpStatus) ? 30 : undefined);
  if (wait !== undefined) headers['retry-after'] = String(wait);
  const body = JSON.stringify(toProblem(known, correlationId));
  return { response: new Response(body, { status: known.httpStatus, headers }), code: known.code };
}

/** Elysia's own errors carry a code of its own. */
function fromFramework(error: unknown): AppError | null {
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof AppError) return error;
  if (code === 'NOT_FOUND') return new AppError('NOT_FOUND', 'There is nothing at this address.');
  if (code === 'VALIDATION' || code === 'PARSE') {
    const { valueError } = error as { valueError?: { path?: string; schema?: Described } };
    const field = valueError?.path?.slice(1);
    const allowed = allowedBy(valueError?.schema);
    return new AppError('INVALID_INPUT', 'The request is not as described.', {
      ...(field ? { field } : {}),
      ...(field && allowed ? { hint: `${field} must be ${allowed}.` } : {}),
    });
  }
  return null;
}

/** What a schema may say for people. */
interface Described {
  readonly description?: string;
  readonly anyOf?: readonly { readonly const?: unknown }[];
}

/** A sentence's rest; null: the schema has no words for it. */
function allowedBy({ description, anyOf = [] }: Described = {}): string | null {
  if (description) return description;
  const values = anyOf.map((one) => one.const);
  const isList = values.length > 0 && values.every((value) => value !== undefined);
  return isList ? `one of ${values.join(', ')}` : null;
}
