import { MIB, type Setting } from './setting.ts';

const ALL = ['core', 'edge', 'inference'] as const;

/** Settings that several parts read. */
export const EVERYWHERE_SETTINGS = {
  APP_ENV: {
    kind: 'choice',
    parts: ALL,
    default: 'development',
    choices: ['development', 'staging', 'production'],
    about:
      'The profile: who may do what without a token, how logs look, whether Swagger is served.',
  },
  LOG_LEVEL: {
    kind: 'choice',
    parts: ALL,
    default: 'profile',
    choices: ['profile', 'debug', 'info', 'warn', 'error', 'DEBUG', 'INFO', 'WARNING', 'ERROR'],
    about: 'Least level that is logged. `profile`: debug in development, else info.',
  },
  LOG_FORMAT: {
    kind: 'choice',
    parts: ALL,
    default: 'profile',
    choices: ['profile', 'json', 'pretty'],
    about: '`profile`: pretty in development, else json.',
  },
  DEBUG: { kind: 'boolean', parts: ALL, default: false, about: 'Same as LOG_LEVEL=debug.' },
  ENABLE_METRICS: { kind: 'boolean', parts: ALL, default: true, about: 'Serve /metrics.' },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    kind: 'url',
    parts: ALL,
    about: 'Where traces go over OTLP; unset: nowhere. Other OTEL_* are taken by the SDK.',
  },
  DEMETER_PHOTO_BYTES_MAX: {
    kind: 'integer',
    parts: ALL,
    default: 64 * MIB,
    min: 1024,
    max: 1024 * MIB,
    about: 'Largest photo in bytes.',
  },
  DEMETER_PHOTO_PIXELS_MAX: {
    kind: 'integer',
    parts: ALL,
    default: 100_000_000,
    min: 10_000,
    max: 1_000_000_000,
    about: 'Largest photo in pixels, as its header says.',
  },
  DEMETER_GRPC_TOKEN: {
    kind: 'string',
    parts: ['core', 'inference'],
    secret: true,
    about:
      'Shared by the core and its inference servers (32 characters or more); needed for any bind beyond loopback.',
  },
  DEMETER_GRPC_TLS_CERT: {
    kind: 'string',
    parts: ['core', 'inference'],
    about: "PEM file of this process's gRPC certificate.",
  },
  DEMETER_GRPC_TLS_KEY: {
    kind: 'string',
    parts: ['core', 'inference'],
    about: 'PEM file of its key.',
  },
  DEMETER_GRPC_TLS_CA: {
    kind: 'string',
    parts: ['core', 'inference'],
    about: 'PEM file of the authority that peers are checked against.',
  },
} as const satisfies Record<string, Setting>;
