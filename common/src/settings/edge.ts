import { MIB, PORT, type Setting } from './setting.ts';

const EDGE = ['edge'] as const;

/** Settings of the edge. */
export const EDGE_SETTINGS = {
  DEMETER_EDGE_CONFIG: {
    kind: 'string',
    parts: EDGE,
    about: 'YAML file of the box: cameras, folders, policies and more (docs/edge.md).',
  },
  DEMETER_EDGE_HOST: {
    kind: 'string',
    parts: EDGE,
    default: '127.0.0.1',
    about: 'Address the edge binds to.',
  },
  DEMETER_EDGE_PORT: {
    kind: 'integer',
    parts: EDGE,
    default: 8080,
    ...PORT,
    about: 'Port for cameras and phones; 0 takes a free one.',
  },
  DEMETER_EDGE_DATA: {
    kind: 'string',
    parts: EDGE,
    default: '.demeter/edge',
    about: 'Spool, journal and local store.',
  },
  DEMETER_EDGE_CORE_URL: {
    kind: 'url',
    parts: EDGE,
    about: 'The core; unset: the one it enrolled at; else photos are held.',
  },
  DEMETER_EDGE_TOKEN: {
    kind: 'string',
    parts: EDGE,
    secret: true,
    about: 'A token from `demeter edge add CODE --token`; not needed once the box is enrolled.',
  },
  DEMETER_EDGE_CAMERAS: {
    kind: 'string',
    parts: EDGE,
    about: 'File of cameras alone, YAML or JSON; goes before those of DEMETER_EDGE_CONFIG.',
  },
  DEMETER_EDGE_WATCH: {
    kind: 'list',
    parts: EDGE,
    about: 'Folders into which cameras drop files; FOLDER or CAMERA=FOLDER.',
  },
  DEMETER_EDGE_STORE_ENDPOINT: { kind: 'url', parts: EDGE, about: 'Local MinIO; unset: a folder.' },
  DEMETER_EDGE_STORE_BUCKET: {
    kind: 'string',
    parts: EDGE,
    default: 'demeter-edge',
    about: 'Its bucket.',
  },
  DEMETER_EDGE_STORE_ACCESS_KEY: { kind: 'string', parts: EDGE, secret: true, about: 'Its key.' },
  DEMETER_EDGE_STORE_SECRET_KEY: {
    kind: 'string',
    parts: EDGE,
    secret: true,
    about: 'Its secret.',
  },
  DEMETER_EDGE_BYTES_MAX: {
    kind: 'integer',
    parts: EDGE,
    default: 50 * 1024 * MIB,
    min: MIB,
    max: Number.MAX_SAFE_INTEGER,
    about: 'Disk quota of the edge in bytes.',
  },
  DEMETER_EDGE_KEEP_HOURS: {
    kind: 'integer',
    parts: EDGE,
    default: 72,
    min: 0,
    max: 87_600,
    about:
      'A photo whose receipt is here stays so long beside it; earlier only where the quota needs room.',
  },
  DEMETER_EDGE_KNOWN_DAYS: {
    kind: 'integer',
    parts: EDGE,
    default: 14,
    min: 1,
    max: 3_650,
    about:
      'So long the journal knows a photo after it has left the box; rows take room on its disk until then.',
  },
  DEMETER_EDGE_FORWARD_CONCURRENCY: {
    kind: 'integer',
    parts: EDGE,
    default: 4,
    min: 1,
    max: 16,
    about: 'Most photos whose bytes travel at the same time; how many really do, the box learns.',
  },
  DEMETER_EDGE_COUNT_SERVER: {
    kind: 'string',
    parts: EDGE,
    about: 'HOST:PORT on loopback of an inference server beside the edge, for provisional counts.',
  },
  DEMETER_EDGE_COUNT_TOKEN: {
    kind: 'string',
    parts: EDGE,
    secret: true,
    about: "Its token: that server's DEMETER_GRPC_TOKEN.",
  },
  DEMETER_EDGE_MDNS: {
    kind: 'string',
    parts: EDGE,
    default: 'demeter',
    about: 'Phones find the box as NAME.local; `off`: not announced, as on loopback.',
  },
  DEMETER_EDGE_METRICS: {
    kind: 'choice',
    parts: EDGE,
    default: 'loopback',
    choices: ['loopback', 'everywhere'],
    about: 'Who may read /metrics and all of /health of the edge.',
  },
} as const satisfies Record<string, Setting>;
