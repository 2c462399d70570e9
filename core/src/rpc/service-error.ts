import { toGrpcStatus } from '@demeter/common/grpc-status';
import { ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import { Metadata, type StatusObject } from '@grpc/grpc-js';
import { errorOf } from '../http/error-response.ts';

/** Anything thrown as a gRPC call answers it: docs/protocols.md, errors. */
export function toServiceError(thrown: unknown): StatusObject {
  const { code, details, errorDetails } = toGrpcStatus(errorOf(thrown));
  const metadata = new Metadata();
  metadata.set(ERROR_DETAILS_KEY, errorDetails);
  return { code, details, metadata };
}
