import {
  CODE_PATTERN,
  EdgeConfigurationSchema,
  ThresholdsSchema,
  TimetableSchema,
} from '@demeter/common/edge-configuration/schema';
import { PLACE_CODE_MAX, PLAIN_TEXT } from '@demeter/common/place-code';
import { type Static, type TSchema, Type } from '@sinclair/typebox';

/** The box's own file (docs/edge.md, "Setting it up"); what the centre may set too is common's. */

const strict = { additionalProperties: false } as const;
const maybe = <S extends TSchema>(schema: S) => Type.Optional(schema);
const text = (description: string, maxLength = 1000) =>
  Type.String({ minLength: 1, maxLength, description });
const code = Type.String({
  pattern: CODE_PATTERN,
  description: 'a code of letters, digits, dots, dashes and underscores, 64 at most',
});
const folder = text('the path of a folder', 4096);

const PositionSchema = Type.Object(
  {
    longitude: Type.Number({ minimum: -180, maximum: 180, description: 'degrees, -180 to 180' }),
    latitude: Type.Number({ minimum: -90, maximum: 90, description: 'degrees, -90 to 90' }),
    accuracy_m: maybe(Type.Number({ minimum: 0, description: 'metres from 0' })),
  },
  strict,
);

const SECRET_PLACE = 'either file or environment: secrets do not stand in this file';
/** Of a secret, only where it is: in a file, or in a variable of the environment. */
const secretAt = {
  file: maybe(text('the path of a file', 4096)),
  environment: maybe(
    Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$', description: 'the name of a variable' }),
  ),
};

const SnapshotSchema = Type.Object(
  {
    url: Type.String({
      pattern: '^(https?|rtsps?)://[^\\s@/]+(/\\S*)?$',
      description: 'an http(s) or rtsp(s) address without user and password in it',
    }),
    /** Basic or Digest, as the camera asks; sent only when it does. */
    user: maybe(text('a user name', 200)),
    password: maybe(
      Type.Object(secretAt, {
        ...strict,
        minProperties: 1,
        maxProperties: 1,
        description: SECRET_PLACE,
      }),
    ),
    /** A header with a secret value, for cameras that take a key. */
    header: maybe(
      Type.Object(
        {
          name: Type.String({ pattern: '^[A-Za-z0-9-]{1,100}$', description: "a header's name" }),
          ...secretAt,
        },
        { ...strict, minProperties: 2, maxProperties: 2, description: `name and ${SECRET_PLACE}` },
      ),
    ),
    timeout_seconds: maybe(
      Type.Number({ minimum: 1, maximum: 300, description: 'seconds from 1 to 300' }),
    ),
  },
  strict,
);
export type Snapshot = Static<typeof SnapshotSchema>;

export const CameraSchema = Type.Object(
  {
    code,
    name: maybe(text('a name', 200)),
    key_sha256: maybe(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        description: 'the SHA-256 of a key, 64 hex digits (admin.ts camera CODE makes one)',
      }),
    ),
    location_code: maybe(
      Type.RegExp(PLAIN_TEXT, {
        maxLength: PLACE_CODE_MAX,
        description: "a place's code, as its QR code says it",
      }),
    ),
    /** In place of the code: a code may be given to another place, an id never is. */
    location_id: maybe(
      Type.String({
        pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        description: "a place's id at the centre, a UUID in small letters",
      }),
    ),
    position: maybe(PositionSchema),
    thresholds: maybe(ThresholdsSchema),
    timetable: maybe(TimetableSchema),
    source: maybe(
      Type.Object(
        { folder: maybe(folder), snapshot: maybe(SnapshotSchema) },
        {
          ...strict,
          minProperties: 1,
          maxProperties: 1,
          description: 'folder or snapshot; a camera that pushes has no source',
        },
      ),
    ),
  },
  strict,
);
export type CameraEntry = Static<typeof CameraSchema>;

const CamerasSchema = Type.Array(CameraSchema, {
  maxItems: 1000,
  description: 'a list of cameras',
});

const AcceptedSchema = Type.Object(
  {
    keep_days: maybe(Type.Number({ minimum: 0, maximum: 3650, description: 'days, 0 to 3650' })),
    gb_max: maybe(Type.Number({ minimum: 0, description: 'GB (10^9 bytes) from 0' })),
  },
  strict,
);

const WatchSchema = Type.Object(
  {
    folder,
    /** Of photos that no pattern gives to another. */
    camera: maybe(code),
    /** Sub-folders of cameras, the first that matches; one named like a camera needs none. */
    subfolders: maybe(
      Type.Array(
        Type.Object({ pattern: text('a pattern as cam-7/**', 200), camera: code }, strict),
        { maxItems: 1000, description: 'a list of pattern and camera' },
      ),
    ),
    /** How long, and how much of it, what was accepted stays in `.accepted/`. */
    accepted: maybe(AcceptedSchema),
  },
  strict,
);
export type WatchEntry = Static<typeof WatchSchema>;

const { cameras: _, ...tuning } = EdgeConfigurationSchema.properties;

export const FileSchema = Type.Object(
  {
    data_folder: maybe(folder),
    listen: maybe(
      Type.Object(
        {
          host: maybe(text('an address of this machine', 200)),
          port: maybe(Type.Integer({ minimum: 0, maximum: 65_535, description: 'a port' })),
        },
        strict,
      ),
    ),
    core: maybe(
      Type.Object(
        { url: Type.String({ pattern: '^https?://[^\\s@]+$', description: 'an http(s) address' }) },
        strict,
      ),
    ),
    quota: maybe(
      Type.Object(
        {
          gb_max: maybe(Type.Number({ minimum: 0.01, description: 'GB (10^9 bytes) from 0.01' })),
          keep_hours: maybe(
            Type.Integer({ minimum: 0, maximum: 87_600, description: 'hours, 0 to 87600' }),
          ),
        },
        strict,
      ),
    ),
    ...tuning,
    cameras: maybe(CamerasSchema),
    watch: maybe(Type.Array(WatchSchema, { maxItems: 100, description: 'a list of folders' })),
  },
  strict,
);
export type FileConfig = Static<typeof FileSchema>;

/** The cameras file of earlier versions: JSON, which is YAML. */
export const CamerasFileSchema = Type.Object({ cameras: CamerasSchema }, strict);
