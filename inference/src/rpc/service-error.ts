import { toGrpcStatus } from '@demeter/common/grpc-status';
import { ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import { Metadata, type StatusObject } from '@grpc/grpc-js';

/** Any error as a gRPC call answers it: docs/protocols.md, errors. */
export function toServiceError(error: unknown): StatusObject {
  const { code, details, errorDetails } = toGrpcStatus(error);
  const metadata = new Metadata();
  metadata.set(ERROR_DETAILS_KEY, errorDetails);
  return { code, details, metadata };
}
