import { availableParallelism } from 'node:os';
import type { TlsFiles } from '@demeter/common/certificates';
import { type Environment, parseConfig, type Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';

/** Most models load within a minute; TensorRT builds the engines of each one at each start. */
const LOAD_SECONDS = 600;
const TENSORRT_LOAD_SECONDS = 3600;

export interface InferenceConfig {
  readonly values: Values;
  readonly notes: readonly string[];
  readonly host: string;
  readonly grpcPort: number;
  readonly metricsPort: number;
  readonly modelFolders: readonly string[];
  /** One of them, which uploads go to. */
  readonly uploads: string;
  readonly gpu: 'auto' | 'true' | 'false';
  /** Try TensorRT before CUDA. */
  readonly tensorRt: boolean;
  readonly visibleDevices: string | undefined;
  /** A start, or the load of one model, that takes longer does not end any more. */
  readonly loadSeconds: number;
  readonly threads: number;
  readonly credits: number;
  readonly token: string | undefined;
  readonly tokensFile: string | undefined;
  /** What the files hold is read by Certificates. */
  readonly tls: TlsFiles | undefined;
  /** The core's gRPC, to announce to. */
  readonly core: string | undefined;
  readonly advertise: string;
}

/** Reads the environment. Throws UNKNOWN_SETTING, INVALID_SETTING. */
export function readConfig(env: Environment): InferenceConfig {
  const { values, notes } = parseConfig(env);
  const token = values.DEMETER_GRPC_TOKEN;
  if (token !== undefined && token.length < 32) {
    throw invalid('DEMETER_GRPC_TOKEN', 'must have 32 characters or more');
  }
  const tokensFile = values.DEMETER_GRPC_TOKENS_FILE;
  const tls = readTls(values);
  const host = values.DEMETER_INFERENCE_HOST;
  if (!isLoopback(host) && !(tls && (token || tokensFile || tls.ca))) {
    throw new AppError(
      'INVALID_SETTING',
      `DEMETER_INFERENCE_HOST is ${host}: beyond loopback it needs TLS and a token, or mutual TLS.`,
      {
        field: 'DEMETER_INFERENCE_HOST',
        hint: 'Set DEMETER_GRPC_TLS_CERT, DEMETER_GRPC_TLS_KEY and DEMETER_GRPC_TOKEN (or DEMETER_GRPC_TLS_CA).',
      },
    );
  }
  const uploads = values.DEMETER_INFERENCE_UPLOADS ?? values.MODEL_DIR[0] ?? 'models';
  return {
    values,
    notes,
    host,
    grpcPort: values.DEMETER_INFERENCE_PORT,
    metricsPort: values.DEMETER_INFERENCE_METRICS_PORT,
    modelFolders: [...new Set([...values.MODEL_DIR, uploads])],
    uploads,
    // Staging and production want the GPU unless told otherwise (docs: profiles).
    gpu: env.USE_GPU || values.APP_ENV === 'development' ? values.USE_GPU : 'true',
    tensorRt: values.DEMETER_INFERENCE_TENSORRT,
    visibleDevices: values.CUDA_VISIBLE_DEVICES,
    loadSeconds:
      values.DEMETER_INFERENCE_LOAD_SECONDS ||
      (values.DEMETER_INFERENCE_TENSORRT ? TENSORRT_LOAD_SECONDS : LOAD_SECONDS),
    threads: values.DEMETER_INFERENCE_THREADS || availableParallelism(),
    credits: values.DEMETER_INFERENCE_CREDITS,
    token,
    tokensFile,
    tls,
    core: values.DEMETER_INFERENCE_CORE,
    advertise: values.DEMETER_INFERENCE_ADVERTISE ?? host,
  };
}

function readTls(values: Values): TlsFiles | undefined {
  const cert = values.DEMETER_GRPC_TLS_CERT;
  const key = values.DEMETER_GRPC_TLS_KEY;
  const ca = values.DEMETER_GRPC_TLS_CA;
  if (cert && key) return { cert, key, ca };
  if (cert || key) throw invalid('DEMETER_GRPC_TLS_KEY', 'and DEMETER_GRPC_TLS_CERT go together');
  return undefined;
}

function invalid(field: string, what: string): AppError {
  return new AppError('INVALID_SETTING', `${field} ${what}.`, { field });
}
