import type { ErrorCode } from '@demeter/common/errors';
import type { SymptomCode } from './symptoms.ts';

export type Destination = 'core' | 'store';

/** The destination does not work as such: unreachable, overloaded, or something else answers. */
export class DestinationFailure extends Error {
  constructor(
    readonly destination: Destination,
    readonly kind: SymptomCode,
    message: string,
    readonly retryAfterMs = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The core refused this request with a code of the list. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Its turn came when its destination was known to be away: nothing was tried, it waits as before. */
export class NotTried extends Error {}

/** For the log: of what links and centres do, the sentence; of all else the error with its stack. */
export function toLogFields(error: unknown): { reason: string } | { err: unknown } {
  const isExpected = error instanceof DestinationFailure || error instanceof Refusal;
  return isExpected ? { reason: error.message } : { err: error };
}

/** Something about this photo did not work this time; others may well pass. */
export class PhotoFailure extends Error {
  constructor(
    readonly kind:
      | 'bad_receipt'
      | 'grant_refused'
      | 'checksum_refused'
      | 'bytes_changed'
      | 'bytes_missing',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
