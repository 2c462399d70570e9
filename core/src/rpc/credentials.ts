import { Certificates } from '@demeter/common/certificates';
import type { Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { isLoopback } from '@demeter/common/loopback';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';

type TlsValues = Pick<
  Values,
  'DEMETER_GRPC_TLS_CERT' | 'DEMETER_GRPC_TLS_KEY' | 'DEMETER_GRPC_TLS_CA'
>;
type ServerValues = Pick<
  Values,
  'DEMETER_GRPC_TOKEN' | 'DEMETER_GRPC_TLS_CERT' | 'DEMETER_CORE_GRPC_HOST'
>;

const TOKEN_LENGTH_MIN = 32;

/** What the core shows and trusts over gRPC; undefined without TLS. Throws INVALID_SETTING by name. */
export function openCertificates(values: TlsValues, log: Logger): Certificates | undefined {
  const {
    DEMETER_GRPC_TLS_CERT: cert,
    DEMETER_GRPC_TLS_KEY: key,
    DEMETER_GRPC_TLS_CA: ca,
  } = values;
  if ((cert === undefined) !== (key === undefined)) {
    throw refused(
      cert === undefined ? 'DEMETER_GRPC_TLS_CERT' : 'DEMETER_GRPC_TLS_KEY',
      'is missing: certificate and key go together.',
    );
  }
  return (cert ?? ca) === undefined ? undefined : new Certificates({ cert, key, ca }, log);
}

/**
 * How the core's gRPC server is reached. Beyond loopback only by TLS and with a token.
 * Throws INVALID_SETTING by name.
 */
export function serverCredentials(
  values: ServerValues,
  certificates: Certificates | undefined,
): ServerCredentials {
  const { DEMETER_GRPC_TOKEN: token, DEMETER_GRPC_TLS_CERT: cert } = values;
  if (token !== undefined && token.length < TOKEN_LENGTH_MIN) {
    throw refused('DEMETER_GRPC_TOKEN', `must have ${TOKEN_LENGTH_MIN} characters or more.`);
  }
  if (!isLoopback(values.DEMETER_CORE_GRPC_HOST)) {
    const beyond = `is needed because DEMETER_CORE_GRPC_HOST (${values.DEMETER_CORE_GRPC_HOST}) is not loopback.`;
    if (!token) throw refused('DEMETER_GRPC_TOKEN', beyond);
    if (!cert) throw refused('DEMETER_GRPC_TLS_CERT', beyond);
  }
  return certificates && cert ? certificates.forServer() : ServerCredentials.createInsecure();
}

/** How the core dials inference servers: by TLS where an authority is configured. */
export function channelCredentials(
  values: Pick<Values, 'DEMETER_GRPC_TLS_CA'>,
  certificates: Certificates | undefined,
): ChannelCredentials {
  return certificates && values.DEMETER_GRPC_TLS_CA
    ? certificates.forClient()
    : ChannelCredentials.createInsecure();
}

function refused(name: string, why: string): AppError {
  return new AppError('INVALID_SETTING', `${name} ${why}`, { field: name });
}
