import { SETTINGS } from '@demeter/common/settings';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Taken from this process's environment by the embedded system; all other settings are its own. */
const PASSED_ON = new Set([
  ...['LOG_LEVEL', 'LOG_FORMAT', 'DEBUG', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  // Where a port is set, boxes and scripts look there; else each start takes free ones.
  ...['DEMETER_CORE_PORT', 'DEMETER_CORE_GRPC_PORT', 'DEMETER_EDGE_PORT'],
  ...['USE_GPU', 'CUDA_VISIBLE_DEVICES', 'DEMETER_INFERENCE_THREADS', 'DEMETER_GPU_LOCK_DIR'],
]);

/**
 * The environment of a part of the embedded system: this process's, without the settings of
 * another Demeter (`.env` names real servers), and with `own`.
 */
export function embeddedEnvironment(own: Variables): Variables {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const name of Object.keys(SETTINGS)) if (!PASSED_ON.has(name)) delete env[name];
  return { ...env, ORT_DISABLE_TELEMETRY: '1', ...own };
}
