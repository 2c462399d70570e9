import { type Static, type TSchema, Type } from '@sinclair/typebox';

/**
 * What may be tuned on a box, by its own file or by the centre: the same shape in both. Every key
 * may be left out; `description` says what a value must be, to whoever wrote another one.
 */

const strict = { additionalProperties: false } as const;
const maybe = <S extends TSchema>(schema: S) => Type.Optional(schema);
const grey = (description: string) =>
  maybe(Type.Number({ minimum: 0, maximum: 255, description: `${description}, 0 to 255` }));

/** Where the judge draws its lines (docs/edge.md, "What the box says of a photo"). */
export const ThresholdsSchema = Type.Object(
  {
    sharpness: maybe(Type.Number({ minimum: 0, description: 'the least sharpness, from 0' })),
    dark: grey('the least mean grey level'),
    bright: grey('the greatest mean grey level'),
    shadow: grey('the greatest level of the darkest twentieth'),
    empty: maybe(
      Type.Number({ minimum: 0, maximum: 1, description: 'the greatest empty share, 0 to 1' }),
    ),
    long_side_px: maybe(
      Type.Number({ minimum: 0, description: 'the least long side in pixels, from 0' }),
    ),
  },
  strict,
);

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Hours of some days; `to` at or before `from` lies on the day after. */
export const HoursSchema = Type.Object(
  {
    days: maybe(
      Type.Array(
        Type.Union(
          DAYS.map((day) => Type.Literal(day)),
          { description: `one of ${DAYS.join(', ')}` },
        ),
        { minItems: 1, maxItems: 7, uniqueItems: true, description: 'a list of different days' },
      ),
    ),
    from: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'a time as 06:00' }),
    to: Type.String({
      pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
      description: 'a time as 21:00, 24:00 at most',
    }),
  },
  strict,
);
export type Hours = Static<typeof HoursSchema>;

const HoursList = Type.Array(HoursSchema, {
  minItems: 1,
  maxItems: 50,
  description: 'a list of hours, each with from and to',
});
const TimeZone = Type.String({ maxLength: 64, description: 'a time zone as Europe/Berlin' });

/** When a camera is asked for a photo. */
export const TimetableSchema = Type.Object(
  {
    /** Counted from midnight of the zone, so that 15m means :00, :15, :30 and :45. */
    every: Type.String({
      pattern: '^[1-9]\\d{0,4}[smh]$',
      description: 'a time between two photos, as 30s, 15m or 2h',
    }),
    hours: maybe(HoursList),
    time_zone: maybe(TimeZone),
  },
  strict,
);
export type Timetable = Static<typeof TimetableSchema>;

const keep_days = maybe(
  Type.Integer({ minimum: 0, maximum: 3650, description: 'whole days from 0 to 3650' }),
);
const forwards = <T extends readonly string[]>(...ways: T) =>
  Type.Object(
    {
      forward: Type.Unsafe<T[number]>(
        Type.Union(
          ways.map((way) => Type.Literal(way)),
          { description: `one of ${ways.join(', ')}` },
        ),
      ),
      keep_days,
    },
    strict,
  );
const PolicySchema = forwards('now', 'later', 'thumbnail', 'hold');
export type Policy = Static<typeof PolicySchema>;

/**
 * What happens to a photo after its verdict, by the verdict or by its reasons. `now` and `later`
 * send it; `keep_days` then says how long it stays here once the centre has it. `thumbnail` sends
 * a small picture in its stead, `hold` nothing; the photo stays for `keep_days`, and without
 * them until somebody sends it. What cannot be decoded is always sent: nothing can stand for it.
 */
export const PoliciesSchema = Type.Object(
  {
    good: maybe(PolicySchema),
    poor: maybe(PolicySchema),
    undecodable: maybe(forwards('now', 'later')),
    blurred: maybe(PolicySchema),
    too_dark: maybe(PolicySchema),
    too_bright: maybe(PolicySchema),
    obstructed: maybe(PolicySchema),
    too_small: maybe(PolicySchema),
    near_duplicate: maybe(PolicySchema),
  },
  strict,
);
export type Policies = Static<typeof PoliciesSchema>;

/** How much of the link the photos may take; heartbeats and alarms are not held back. */
export const ForwardingSchema = Type.Object(
  {
    mbit_per_second_max: maybe(
      Type.Number({ minimum: 0.01, maximum: 100_000, description: 'Mbit/s from 0.01' }),
    ),
    gb_per_month_max: maybe(
      Type.Number({ minimum: 0.001, maximum: 1_000_000, description: 'GB (10^9 bytes) a month' }),
    ),
    /** When photos may be sent; absent: always. */
    hours: maybe(HoursList),
  },
  strict,
);
export type Forwarding = Static<typeof ForwardingSchema>;

export const CameraTuningSchema = Type.Object(
  { thresholds: maybe(ThresholdsSchema), timetable: maybe(TimetableSchema) },
  strict,
);

/** Codes of cameras, as in URLs and file names. */
export const CODE_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

/** What the centre may set for one box. */
export const EdgeConfigurationSchema = Type.Object(
  {
    /** IANA; hours without one of their own are of this zone. UTC if absent. */
    time_zone: maybe(TimeZone),
    thresholds: maybe(ThresholdsSchema),
    policies: maybe(PoliciesSchema),
    forwarding: maybe(ForwardingSchema),
    /** By the camera's code. */
    cameras: maybe(Type.Record(Type.String({ pattern: CODE_PATTERN }), CameraTuningSchema)),
  },
  strict,
);
export type EdgeConfiguration = Static<typeof EdgeConfigurationSchema>;
