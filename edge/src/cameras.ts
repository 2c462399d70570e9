import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '@demeter/common/errors';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** Who may send photos: the file that DEMETER_EDGE_CAMERAS names (docs/edge.md, "Cameras"). */

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
  /** SHA-256 of the key; null: needs none (development on loopback only). */
  readonly keySha256: Buffer | null;
  readonly locationCode: string | null;
  readonly position: Position | null;
  readonly thresholds: Thresholds;
}

/** Takes photos where no cameras file is set, in development on loopback. */
export const ANONYMOUS_CAMERA: Camera = {
  code: 'default',
  name: 'Any camera',
  keySha256: null,
  locationCode: null,
  position: null,
  thresholds: DEFAULT_THRESHOLDS,
};

const strict = { additionalProperties: false } as const;
const PositionSchema = Type.Object(
  {
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    accuracy_m: Type.Optional(Type.Number({ minimum: 0 })),
  },
  strict,
);
const CameraSchema = Type.Object(
  {
    code: Type.RegExp(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    name: Type.Optional(Type.String({ maxLength: 200 })),
    key_sha256: Type.RegExp(/^[0-9a-f]{64}$/),
    location_code: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    position: Type.Optional(PositionSchema),
    thresholds: Type.Optional(
      Type.Object(
        {
          sharpness: Type.Optional(Type.Number({ minimum: 0 })),
          dark: Type.Optional(Type.Number({ minimum: 0, maximum: 255 })),
          bright: Type.Optional(Type.Number({ minimum: 0, maximum: 255 })),
          shadow: Type.Optional(Type.Number({ minimum: 0, maximum: 255 })),
          empty: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
          long_side_px: Type.Optional(Type.Number({ minimum: 0 })),
        },
        strict,
      ),
    ),
  },
  strict,
);
const FileSchema = Type.Object({ cameras: Type.Array(CameraSchema) }, strict);

/** Reads the cameras file. Throws INVALID_SETTING with what is wrong where. */
export function readCameras(path: string): Camera[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw invalid(`${path} cannot be read as JSON`, error);
  }
  if (!Value.Check(FileSchema, value)) {
    const first = Value.Errors(FileSchema, value).First();
    throw invalid(`${path}: ${first?.path || '/'}: ${first?.message ?? 'not as described'}`);
  }
  const codes = value.cameras.map((camera) => camera.code);
  const double = codes.find((code, index) => codes.indexOf(code) !== index);
  if (double !== undefined) throw invalid(`${path}: the camera ${double} stands there twice`);
  return value.cameras.map((camera) => ({
    code: camera.code,
    name: camera.name ?? camera.code,
    keySha256: Buffer.from(camera.key_sha256, 'hex'),
    locationCode: camera.location_code ?? null,
    position: camera.position ?? null,
    thresholds: { ...DEFAULT_THRESHOLDS, ...camera.thresholds },
  }));
}

function invalid(message: string, cause?: unknown): AppError {
  return new AppError('INVALID_SETTING', `${message}.`, { field: 'DEMETER_EDGE_CAMERAS', cause });
}

/**
 * The camera that an Authorization header names: Bearer KEY, or Basic CODE:KEY.
 * Throws UNAUTHENTICATED.
 */
export function authenticate(cameras: readonly Camera[], authorization: string | null): Camera {
  const open = cameras.find((camera) => camera.keySha256 === null);
  if (open) return open;
  const { code, key } = parseAuthorization(authorization ?? '');
  const digest = createHash('sha256').update(key).digest();
  // All cameras are compared, so that the time taken tells nothing.
  const found = cameras.filter((camera) => timingSafeEqual(camera.keySha256 ?? digest, digest));
  const camera = found.find((candidate) => code === undefined || candidate.code === code);
  if (camera && key !== '') return camera;
  throw new AppError('UNAUTHENTICATED', 'This is not the key of a camera of this edge.', {
    hint: 'Send `Authorization: Bearer KEY` with a key of the cameras file.',
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
