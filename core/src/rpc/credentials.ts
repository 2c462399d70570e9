import { readFile } from 'node:fs/promises';
import type { Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';

type GrpcValues = Pick<
  Values,
  | 'DEMETER_GRPC_TOKEN'
  | 'DEMETER_GRPC_TLS_CERT'
  | 'DEMETER_GRPC_TLS_KEY'
  | 'DEMETER_GRPC_TLS_CA'
  | 'DEMETER_CORE_GRPC_HOST'
>;

const TOKEN_LENGTH_MIN = 32;

/**
 * How the core's gRPC server is reached. Beyond loopback only by TLS and with a token.
 * Throws INVALID_SETTING by name.
 */
export async function serverCredentials(values: GrpcValues): Promise<ServerCredentials> {
  const { DEMETER_GRPC_TOKEN: token } = values;
  const tls = await readTls(values);
  if (token !== undefined && token.length < TOKEN_LENGTH_MIN) {
    throw refused('DEMETER_GRPC_TOKEN', `must have ${TOKEN_LENGTH_MIN} characters or more.`);
  }
  if (!isLoopback(values.DEMETER_CORE_GRPC_HOST)) {
    const beyond = `is needed because DEMETER_CORE_GRPC_HOST (${values.DEMETER_CORE_GRPC_HOST}) is not loopback.`;
    if (!token) throw refused('DEMETER_GRPC_TOKEN', beyond);
    if (!tls.pair) throw refused('DEMETER_GRPC_TLS_CERT', beyond);
  }
  if (!tls.pair) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(
    tls.ca,
    [{ cert_chain: tls.pair.cert, private_key: tls.pair.key }],
    tls.ca !== null,
  );
}

/** How the core dials inference servers: by TLS where an authority is configured. */
export async function channelCredentials(values: GrpcValues): Promise<ChannelCredentials> {
  const { ca, pair } = await readTls(values);
  if (ca === null) return ChannelCredentials.createInsecure();
  return ChannelCredentials.createSsl(ca, pair?.key ?? null, pair?.cert ?? null);
}

async function readTls(values: GrpcValues) {
  const [cert, key, ca] = await Promise.all([
    readPem('DEMETER_GRPC_TLS_CERT', values.DEMETER_GRPC_TLS_CERT),
    readPem('DEMETER_GRPC_TLS_KEY', values.DEMETER_GRPC_TLS_KEY),
    readPem('DEMETER_GRPC_TLS_CA', values.DEMETER_GRPC_TLS_CA),
  ]);
  if ((cert === null) !== (key === null)) {
    throw refused(
      cert === null ? 'DEMETER_GRPC_TLS_CERT' : 'DEMETER_GRPC_TLS_KEY',
      'is missing: certificate and key go together.',
    );
  }
  return { ca, pair: cert && key ? { cert, key } : null };
}

async function readPem(name: string, path: string | undefined): Promise<Buffer | null> {
  if (path === undefined) return null;
  try {
    return await readFile(path);
  } catch (error) {
    throw new AppError('INVALID_SETTING', `${name}: the file ${path} cannot be read.`, {
      field: name,
      cause: error,
    });
  }
}

function refused(name: string, why: string): AppError {
  return new AppError('INVALID_SETTING', `${name} ${why}`, { field: name });
}
