import { resolve } from 'node:path';
import { type Environment, parseConfig, type Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';
import type { PhotoLimits } from '@demeter/common/photo-format';
import { decodeJwt } from 'jose';
import { ANONYMOUS_CAMERA, type Camera, readCameras } from './cameras.ts';

export interface CoreConfig {
  readonly url: string;
  readonly issued: IssuedToken;
}

/** DEMETER_EDGE_TOKEN with what it says of itself. */
export interface IssuedToken {
  readonly token: string;
  readonly organisationId: string;
  readonly edgeId: string;
  /** UTC milliseconds; null: never. */
  readonly expiresAt: number | null;
}

export interface StoreConfig {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface WatchConfig {
  readonly camera: Camera;
  readonly folder: string;
}

export interface EdgeConfig {
  readonly values: Values;
  readonly notes: readonly string[];
  readonly dataFolder: string;
  readonly limits: PhotoLimits;
  readonly cameras: readonly Camera[];
  readonly watches: readonly WatchConfig[];
  /** Null: photos are held here. */
  readonly core: CoreConfig | null;
  /** Null: the spool itself is the buffer. */
  readonly store: StoreConfig | null;
}

/**
 * Everything the edge is told at start, checked as a whole.
 * Throws UNKNOWN_SETTING, INVALID_SETTING by name.
 */
export function readConfig(env: Environment): EdgeConfig {
  const { values, notes } = parseConfig(env);
  const cameras = camerasOf(values);
  return {
    values,
    notes: values.DEMETER_EDGE_CAMERAS
      ? notes
      : [...notes, 'No cameras file: every camera on this machine is taken without a key.'],
    dataFolder: resolve(values.DEMETER_EDGE_DATA),
    limits: {
      bytesMax: values.DEMETER_PHOTO_BYTES_MAX,
      pixelsMax: values.DEMETER_PHOTO_PIXELS_MAX,
    },
    cameras,
    watches: values.DEMETER_EDGE_WATCH.map((text) => watchOf(text, cameras)),
    core: coreOf(values),
    store: storeOf(values),
  };
}

function camerasOf(values: Values): readonly Camera[] {
  if (values.DEMETER_EDGE_CAMERAS) return readCameras(resolve(values.DEMETER_EDGE_CAMERAS));
  if (values.APP_ENV === 'development' && isLoopback(values.DEMETER_EDGE_HOST)) {
    return [ANONYMOUS_CAMERA];
  }
  throw new AppError(
    'INVALID_SETTING',
    'DEMETER_EDGE_CAMERAS must name a cameras file, except in development on loopback.',
    { field: 'DEMETER_EDGE_CAMERAS', hint: 'docs/edge.md shows the file.' },
  );
}

/** `FOLDER` or `CAMERA=FOLDER`. */
function watchOf(text: string, cameras: readonly Camera[]): WatchConfig {
  const [, code, folder] = /^(?:([A-Za-z0-9._-]+)=)?(.+)$/.exec(text) ?? [];
  if (folder === undefined) throw invalid('DEMETER_EDGE_WATCH must be FOLDER or CAMERA=FOLDER.');
  if (code === undefined) return { camera: ANONYMOUS_CAMERA, folder: resolve(folder) };
  const camera = cameras.find((candidate) => candidate.code === code);
  if (!camera && cameras[0]?.keySha256 !== null) {
    throw invalid(`DEMETER_EDGE_WATCH names the camera ${code}, which the cameras file does not.`);
  }
  return { camera: camera ?? { ...ANONYMOUS_CAMERA, code, name: code }, folder: resolve(folder) };
}

function coreOf(values: Values): CoreConfig | null {
  const { DEMETER_EDGE_CORE_URL: url, DEMETER_EDGE_TOKEN: token } = values;
  if (!url) return null;
  if (!token) {
    throw new AppError('INVALID_SETTING', 'DEMETER_EDGE_TOKEN must be set for the core.', {
      field: 'DEMETER_EDGE_TOKEN',
      hint: 'Run `demeter edge add` at the centre.',
    });
  }
  try {
    const claims = decodeJwt(token);
    const edgeId = /^edge:(.+)$/.exec(claims.sub ?? '')?.[1];
    if (!edgeId || typeof claims.org !== 'string') throw new Error('claims are missing');
    const expiresAt = claims.exp === undefined ? null : claims.exp * 1000;
    const issued = { token, organisationId: claims.org, edgeId, expiresAt };
    return { url: url.replace(/\/+$/, ''), issued };
  } catch (error) {
    throw new AppError('INVALID_SETTING', "DEMETER_EDGE_TOKEN is no edge's credential.", {
      field: 'DEMETER_EDGE_TOKEN',
      hint: 'Run `demeter edge add` at the centre.',
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

function invalid(message: string): AppError {
  return new AppError('INVALID_SETTING', message, { field: message.split(' ')[0] });
}
