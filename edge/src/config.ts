import { resolve } from 'node:path';
import { type Environment, parseConfig, type Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';
import type { PhotoLimits } from '@demeter/common/photo-format';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { ANONYMOUS_CAMERA } from './cameras.ts';
import { requireApart } from './config-file/apart.ts';
import { type FromFile, readBoxFile, settingsOfFile } from './config-file/box-file.ts';
import type { FileConfig } from './config-file/file-schema.ts';
import type { Located } from './config-file/located-yaml.ts';
import type { CountServerConfig } from './count/mesh-counting.ts';
import { readIdentity } from './enrol/identity-file.ts';
import { type Sources, sourcesOf } from './sources.ts';

export interface CoreConfig {
  readonly url: string;
  /** Null: the box shows its own key, or is not enrolled yet. */
  readonly issued: IssuedToken | null;
}

/** DEMETER_EDGE_TOKEN with what it says of itself. */
export interface IssuedToken {
  readonly token: string;
  readonly organisationId: string;
  readonly edgeId: string;
  /** UTC milliseconds; null: never. */
  readonly expiresAt: number | null;
  /** The `kid` of the centre's key that signed it: whoever gave it to the box trusts that key. */
  readonly signedBy: string;
}

export interface StoreConfig {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface EdgeConfig extends Sources {
  readonly values: Values;
  readonly notes: readonly string[];
  readonly dataFolder: string;
  readonly limits: PhotoLimits;
  /** The file of DEMETER_EDGE_CONFIG; null: everything is in the environment. */
  readonly file: BoxFile | null;
  /** Null: photos are held here. */
  readonly core: CoreConfig | null;
  /** Null: the spool itself is the buffer. */
  readonly store: StoreConfig | null;
  /** Null: nothing is counted here. */
  readonly countServer: CountServerConfig | null;
}

export interface BoxFile extends Located<FileConfig> {
  readonly path: string;
  /** Settings that have a variable too, whether or not that was set. */
  readonly settings: Readonly<Record<string, FromFile>>;
}

/**
 * Everything the edge is told at start, checked as a whole: the file of DEMETER_EDGE_CONFIG, and
 * before it the environment. Throws UNKNOWN_SETTING, INVALID_SETTING by name.
 */
export function readConfig(env: Environment): EdgeConfig {
  const file = openFile(env);
  const { values, notes } = parseConfig(file ? withFile(env, file) : env);
  const sources = sourcesOf(values, file?.path, file?.value ?? {});
  const dataFolder = resolve(values.DEMETER_EDGE_DATA);
  requireApart(
    dataFolder,
    sources.watches.map(({ folder }) => folder),
  );
  const open = sources.cameras.includes(ANONYMOUS_CAMERA);
  const store = storeOf(values);
  return {
    ...sources,
    file,
    values,
    notes: [
      ...notes,
      ...(open
        ? ['No cameras are configured: anything on this machine may send, without a key.']
        : []),
      ...exposureOf(store),
    ],
    dataFolder,
    limits: {
      bytesMax: values.DEMETER_PHOTO_BYTES_MAX,
      pixelsMax: values.DEMETER_PHOTO_PIXELS_MAX,
    },
    core: coreOf(values),
    store,
    countServer: countServerOf(values),
  };
}

function openFile(env: Environment): BoxFile | null {
  if (!env.DEMETER_EDGE_CONFIG) return null;
  const path = resolve(env.DEMETER_EDGE_CONFIG);
  const located = readBoxFile(path);
  return { ...located, path, settings: settingsOfFile(path, located) };
}

/** The file's settings under the environment's; an empty variable counts as unset. */
function withFile(env: Environment, { settings }: BoxFile): Environment {
  const lower = Object.entries(settings).map(([name, { text }]) => [name, text]);
  const set = Object.entries(env).filter(([, text]) => text);
  return { ...Object.fromEntries(lower), ...Object.fromEntries(set) };
}

/** A box that is enrolled knows its core; one that is not yet holds its photos. */
function coreOf(values: Values): CoreConfig | null {
  const { DEMETER_EDGE_TOKEN: token } = values;
  const enrolled = readIdentity(resolve(values.DEMETER_EDGE_DATA));
  const url = (values.DEMETER_EDGE_CORE_URL ?? enrolled?.core_url)?.replace(/\/+$/, '');
  if (!url) return null;
  return { url, issued: token ? issuedOf(token) : null };
}

function issuedOf(token: string): IssuedToken {
  try {
    const claims = decodeJwt(token);
    const edgeId = /^edge:(.+)$/.exec(claims.sub ?? '')?.[1];
    if (!edgeId || typeof claims.org !== 'string') throw new Error('claims are missing');
    const expiresAt = claims.exp === undefined ? null : claims.exp * 1000;
    const { kid: signedBy = '' } = decodeProtectedHeader(token);
    return { token, organisationId: claims.org, edgeId, expiresAt, signedBy };
  } catch (error) {
    throw new AppError('INVALID_SETTING', "DEMETER_EDGE_TOKEN is no edge's credential.", {
      field: 'DEMETER_EDGE_TOKEN',
      hint: 'Run `demeter edge add CODE --token` at the centre, or enrol the box.',
      cause: error,
    });
  }
}

function storeOf(values: Values): StoreConfig | null {
  const endpoint = values.DEMETER_EDGE_STORE_ENDPOINT;
  if (!endpoint) return null;
  const accessKey = values.DEMETER_EDGE_STORE_ACCESS_KEY;
  const secretKey = values.DEMETER_EDGE_STORE_SECRET_KEY;
  if (!accessKey || !secretKey) {
    throw invalid(
      'DEMETER_EDGE_STORE_ACCESS_KEY and DEMETER_EDGE_STORE_SECRET_KEY must be set for the store.',
    );
  }
  return { endpoint, bucket: values.DEMETER_EDGE_STORE_BUCKET, accessKey, secretKey };
}

/** On loopback nobody else reaches it, and nobody reads along. */
function exposureOf(store: StoreConfig | null): string[] {
  if (!store) return [];
  const { protocol, hostname, host } = new URL(store.endpoint);
  if (protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return [];
  const why = 'photos and signatures go there unprotected, and MinIO takes unsigned writes of';
  return [
    `The local store at ${host} is not on loopback: ${why} whoever learns an access key. Bind it to 127.0.0.1.`,
  ];
}

/** Photos and token go there unprotected: only this machine will do. */
function countServerOf(values: Values): CountServerConfig | null {
  const address = values.DEMETER_EDGE_COUNT_SERVER;
  if (!address) return null;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || !isLoopback(host.replace(/^\[|\]$/g, '')) || Number(port) > 65_535) {
    throw invalid('DEMETER_EDGE_COUNT_SERVER must be HOST:PORT on loopback.');
  }
  return { address, token: values.DEMETER_EDGE_COUNT_TOKEN };
}

function invalid(message: string): AppError {
  return new AppError('INVALID_SETTING', message, { field: message.split(' ')[0] });
}
