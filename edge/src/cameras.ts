import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@demeter/common/errors';
import type { CameraEntry } from './config-file/file-schema.ts';

/** Who may send photos (docs/edge.md, "Cameras"). */

export interface Thresholds {
  /** Least sharpness (judge/sharpness.ts) of the grey photo, its long side scaled to 1,024 px. */
  readonly sharpness: number;
  /** Least mean brightness, 0–255. */
  readonly dark: number;
  /** Greatest mean brightness, 0–255. */
  readonly bright: number;
  /** Greatest grey level, 0–255, below which the darkest twentieth of the photo lies. */
  readonly shadow: number;
  /** Greatest share of the picture, 0–1, that one empty area may cover. */
  readonly empty: number;
  /** Least long side in pixels. */
  readonly long_side_px: number;
}

/**
 * Chosen on real photos (`bun run bench judge`): out of focus or moved 10 at most against sharp
 * 38 and more; dark 19 at most, overexposed 201 and more, others 52–165; shadows of a washed-out
 * photo 174 and more, of others 83 at most; empty 0.10 at most against 0.16 and more with a third covered.
 * The model's coarsest look at a photo is 320 px wide (models/plants/1).
 */
export const DEFAULT_THRESHOLDS: Thresholds = {
  sharpness: 20,
  dark: 30,
  bright: 205,
  shadow: 130,
  empty: 0.13,
  long_side_px: 320,
};

export interface Position {
  /** WGS 84 degrees. */
  readonly longitude: number;
  readonly latitude: number;
  readonly accuracy_m?: number;
}

export interface Camera {
  readonly code: string;
  readonly name: string;
  /** SHA-256 of the key; null: it cannot push, and is asked or drops files. */
  readonly keySha256: Buffer | null;
  readonly locationCode: string | null;
  /** Of the centre; where it is set, the code is not. */
  readonly locationId?: string | undefined;
  readonly position: Position | null;
}

/** In whose name anything may push, where no camera is configured, in development on loopback. */
export const ANONYMOUS_CAMERA: Camera = {
  code: 'default',
  name: 'Any camera',
  keySha256: null,
  locationCode: null,
  position: null,
};

/** A camera of the box's file or of the cameras file. */
export function toCamera(entry: CameraEntry): Camera {
  return {
    code: entry.code,
    name: entry.name ?? entry.code,
    keySha256: entry.key_sha256 === undefined ? null : Buffer.from(entry.key_sha256, 'hex'),
    locationCode: entry.location_code ?? null,
    locationId: entry.location_id,
    position: entry.position ?? null,
  };
}

/**
 * The camera that an Authorization header names: Bearer KEY, or Basic CODE:KEY.
 * Throws UNAUTHENTICATED.
 */
export function authenticate(cameras: readonly Camera[], authorization: string | null): Camera {
  if (cameras.includes(ANONYMOUS_CAMERA)) return ANONYMOUS_CAMERA;
  const { code, key } = parseAuthorization(authorization ?? '');
  const digest = createHash('sha256').update(key).digest();
  // All cameras are compared, so that the time taken tells nothing.
  const found = cameras.filter(
    ({ keySha256 }) => keySha256 !== null && timingSafeEqual(keySha256, digest),
  );
  const camera = found.find((candidate) => code === undefined || candidate.code === code);
  if (camera && key !== '') return camera;
  throw new AppError('UNAUTHENTICATED', 'This is not the key of a camera of this edge.', {
    hint: 'Send `Authorization: Bearer KEY` with a key of its configuration.',
  });
}

function parseAuthorization(header: string): { code?: string; key: string } {
  const space = header.indexOf(' ');
  const [scheme, value] = [header.slice(0, Math.max(0, space)), header.slice(space + 1)];
  if (scheme.toLowerCase() === 'bearer') return { key: value };
  if (scheme.toLowerCase() !== 'basic') return { key: '' };
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? { key: '' } : { code: text.slice(0, colon), key: text.slice(colon + 1) };
}
