import { texts } from '../texts.ts';

/** What went wrong, in the core's own words (problem+json). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    /** A code of the closed list, or UNREACHABLE. */
    readonly code: string,
    message: string,
    /** What to do about it. */
    readonly hint: string,
  ) {
    super(message);
  }

  static unreachable(cause: unknown): ApiProblem {
    const problem = new ApiProblem(0, 'UNREACHABLE', texts.unreachable, texts.unreachableHint);
    problem.cause = cause;
    return problem;
  }
}

/** Any body of a refused request as a problem; a body that is none is not shown. */
export function toProblem(body: unknown, status: number): ApiProblem {
  const fields = isRecord(body) ? body : {};
  return new ApiProblem(
    status,
    text(fields.code) ?? 'UNKNOWN',
    text(fields.detail) ?? text(fields.title) ?? texts.failedWithStatus(status),
    text(fields.hint) ?? '',
  );
}

/** Anything thrown as a problem. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  console.error(error);
  return new ApiProblem(0, 'UNKNOWN', texts.failedHere, texts.reloadHint);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
