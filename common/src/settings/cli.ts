import type { Setting } from './setting.ts';

const CLI = ['cli'] as const;

/** Settings of `demeter reprocess`, the client of the core's gRPC. */
export const CLI_SETTINGS = {
  DEMETER_CLIENT_CORE: {
    kind: 'string',
    parts: CLI,
    about: "host:port of the core's gRPC; unset: the system of `--data`, else this machine's.",
  },
  DEMETER_CLIENT_TOKEN: {
    kind: 'string',
    parts: CLI,
    secret: true,
    about: 'Access token of who asks.',
  },
  DEMETER_CLIENT_TOKEN_FILE: {
    kind: 'string',
    parts: CLI,
    about: 'File that holds it; it is read again at each call, so that it may be renewed.',
  },
  DEMETER_CLIENT_CA: {
    kind: 'string',
    parts: CLI,
    about: "PEM file of the authority of the core's certificate; `system`: those of this machine.",
  },
} as const satisfies Record<string, Setting>;
