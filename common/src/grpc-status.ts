import { encodeErrorDetails } from '@demeter/proto/error-details';
import { toAppError } from './errors.ts';

/** What a gRPC call that failed answers, without any gRPC library. */
export interface GrpcStatus {
  readonly code: number;
  /** `<code of the closed list>: <message>`. */
  readonly details: string;
  /** For the trailer ERROR_DETAILS_KEY: the same for programs, with hint, field and retry delay. */
  readonly errorDetails: Buffer;
}

/** Any error as gRPC answers it. */
export function toGrpcStatus(error: unknown): GrpcStatus {
  const { code: reason, message, grpcStatus, hint, field, retryAfterSeconds } = toAppError(error);
  const details = `${reason}: ${message}`;
  const errorDetails = encodeErrorDetails({
    code: grpcStatus,
    message: details,
    reason,
    metadata: { hint, ...(field === undefined ? {} : { field }) },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterMs: retryAfterSeconds * 1000 }),
  });
  return { code: grpcStatus, details, errorDetails };
}
