import { PORT, type Setting } from './setting.ts';

const CORE = ['core'] as const;

/** Settings of the core. */
export const CORE_SETTINGS = {
  DATABASE_URL: {
    kind: 'url',
    parts: CORE,
    secret: true,
    about:
      'PostgreSQL with PostGIS (`postgresql+driver://` is taken too). `demeter demo` and `dev` start an embedded one when unset.',
  },
  DB_POOL_SIZE: {
    kind: 'integer',
    parts: CORE,
    default: 20,
    min: 1,
    max: 500,
    about: 'Connections kept; 1 on the embedded database.',
  },
  DB_MAX_OVERFLOW: {
    kind: 'integer',
    parts: CORE,
    default: 10,
    min: 0,
    max: 500,
    about: 'Added to DB_POOL_SIZE.',
  },
  REDIS_URL: {
    kind: 'url',
    parts: CORE,
    secret: true,
    about: 'Redis; unset: one core runs alone, in-process.',
  },
  S3_ENDPOINT: {
    kind: 'url',
    parts: CORE,
    about: 'S3 server; unset: a folder (DEMETER_STORE_DIR).',
  },
  S3_PUBLIC_ENDPOINT: {
    kind: 'url',
    parts: CORE,
    about:
      'The same server as browsers and edges reach it; unset: photos are streamed, and grants put, through the core.',
  },
  S3_BUCKET_ORIGINAL: {
    kind: 'string',
    parts: CORE,
    default: 'demeter-photos-original',
    about: 'Bucket of originals.',
  },
  S3_BUCKET_VISUALIZATION: {
    kind: 'string',
    parts: CORE,
    default: 'demeter-photos-viz',
    about: 'Bucket of overlays and thumbnails.',
  },
  S3_PRESIGNED_URL_EXPIRY_HOURS: {
    kind: 'integer',
    parts: CORE,
    default: 24,
    min: 1,
    max: 24,
    about: 'Life of a link to a photo.',
  },
  AWS_ACCESS_KEY_ID: { kind: 'string', parts: CORE, secret: true, about: 'Key of the S3 server.' },
  AWS_SECRET_ACCESS_KEY: { kind: 'string', parts: CORE, secret: true, about: 'Its secret.' },
  AWS_REGION: { kind: 'string', parts: CORE, default: 'us-east-1', about: 'Its region.' },
  AUTH0_DOMAIN: { kind: 'string', parts: CORE, about: 'Shorthand for the issuer https://DOMAIN/.' },
  AUTH0_API_AUDIENCE: { kind: 'string', parts: CORE, about: 'Audience that tokens must carry.' },
  AUTH0_ALGORITHMS: {
    kind: 'list',
    parts: CORE,
    default: 'RS256',
    about: 'Algorithms accepted from the issuer.',
  },
  AUTH0_ISSUER: { kind: 'url', parts: CORE, about: 'Issuer, if it is not https://AUTH0_DOMAIN/.' },
  OIDC_ISSUER: {
    kind: 'url',
    parts: CORE,
    about: 'Issuer of any OpenID Connect provider; keys by discovery.',
  },
  OIDC_AUDIENCE: { kind: 'string', parts: CORE, about: 'Audience that its tokens must carry.' },
  JWT_SECRET_KEY: {
    kind: 'string',
    parts: CORE,
    secret: true,
    about:
      'Seals the signing keys and signs links (32 characters or more; required in staging and production).',
  },
  JWT_ACCESS_TOKEN_EXPIRE_MINUTES: {
    kind: 'integer',
    parts: CORE,
    default: 15,
    min: 1,
    max: 1440,
    about: 'Life of a local access token.',
  },
  DEMETER_CORE_HOST: {
    kind: 'string',
    parts: CORE,
    default: '127.0.0.1',
    about: 'Address the REST API binds to.',
  },
  DEMETER_CORE_PORT: {
    kind: 'integer',
    parts: CORE,
    default: 8000,
    ...PORT,
    about: 'Port of REST, page and Swagger; 0 takes a free one.',
  },
  DEMETER_CORE_GRPC_HOST: {
    kind: 'string',
    parts: CORE,
    default: '127.0.0.1',
    about: 'Address the gRPC server binds to.',
  },
  DEMETER_CORE_GRPC_PORT: {
    kind: 'integer',
    parts: CORE,
    default: 8010,
    ...PORT,
    about: 'Port of gRPC; 0 takes a free one.',
  },
  DEMETER_CORE_PUBLIC_URL: {
    kind: 'url',
    parts: CORE,
    about: 'How browsers and edges reach the core; unset: its own address.',
  },
  DEMETER_STORE_DIR: {
    kind: 'string',
    parts: CORE,
    default: '.demeter/store',
    about: 'Folder that holds objects when S3_ENDPOINT is unset.',
  },
  DEMETER_INFERENCE_SERVERS: {
    kind: 'list',
    parts: CORE,
    about: 'host:port of inference servers that do not announce themselves.',
  },
  DEMETER_PLANTS_MODEL: {
    kind: 'string',
    parts: CORE,
    default: 'plants',
    about: 'NAME or NAME/VERSION of the model in the role `plants`.',
  },
  DEMETER_TILING: {
    kind: 'string',
    parts: CORE,
    default: 'manifest',
    about: '`manifest`, `auto`, `off`, or a tile size in pixels.',
  },
  DEMETER_SCRUB_PHOTOS_PER_DAY: {
    kind: 'integer',
    parts: CORE,
    default: 2000,
    min: 0,
    max: 10_000_000,
    about: 'Originals read and hashed a day to find those the store lost; 0: none.',
  },
  DEMETER_LEASE_SECONDS: {
    kind: 'integer',
    parts: CORE,
    default: 120,
    min: 5,
    max: 3600,
    about: 'After this long without an answer a photo is given to another server.',
  },
  DEMETER_PHOTO_DEADLINE_SECONDS: {
    kind: 'integer',
    parts: CORE,
    default: 60,
    min: 1,
    max: 3600,
    about: 'Time that an inference server has for one photo.',
  },
} as const satisfies Record<string, Setting>;
