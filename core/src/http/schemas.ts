import type { TProperties } from '@sinclair/typebox';
import { type Static, type TSchema, t } from 'elysia';

/** Shapes that several features answer with or take. */

/** An object that stands under its own name in the API's description. */
export function shape<P extends TProperties>(title: string, properties: P) {
  return t.Object(properties, { title });
}

/** `storage area` → `StorageArea`. */
export function titleOf(noun: string): string {
  return noun.replaceAll(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export const Id = t.String({ format: 'uuid' });
/** What stands on tags and lists: no control characters, no blank at either end. */
export const Code = t.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[^\\s\\x00-\\x1f\\x7f]([^\\x00-\\x1f\\x7f]*[^\\s\\x00-\\x1f\\x7f])?$',
});
export const Name = t.String({ minLength: 1, maxLength: 200 });
/** RFC 3339 UTC with milliseconds. */
export const Time = t.String({ format: 'date-time' });
export const IdParams = t.Object({ id: Id });

export const Ref = shape('PlaceRef', { id: Id, code: t.String(), name: t.String() });
export type Ref = Static<typeof Ref>;
export const ProductRef = shape('ProductRef', {
  id: Id,
  sku: t.String(),
  common_name: t.String(),
});
export const PackagingRef = shape('PackagingRef', { id: Id, sku: t.String(), name: t.String() });

const Position = t.Tuple([t.Number(), t.Number()]);
export const PolygonSchema = t.Object(
  {
    type: t.Literal('Polygon'),
    coordinates: t.Array(t.Array(Position, { minItems: 4, maxItems: 2_000 }), {
      minItems: 1,
      maxItems: 50,
    }),
  },
  { title: 'Polygon', description: 'GeoJSON, SRID 4326, longitude before latitude.' },
);
export const PointSchema = shape('Point', { type: t.Literal('Point'), coordinates: Position });

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

/** Of every list; the cursor is what the page before answered as `next`. */
export const PageQuery = t.Object({
  limit: t.Optional(t.Integer({ minimum: 1, maximum: LIMIT_MAX })),
  cursor: t.Optional(t.String({ maxLength: 400 })),
});

export function pageOf<T extends TSchema>(item: T) {
  const title = item.title === undefined ? {} : { title: `${item.title}Page` };
  return t.Object({ items: t.Array(item), next: t.Union([t.String(), t.Null()]) }, title);
}

const LIMITS = ['minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum'];

/**
 * A field as it is answered: there whatever was given, and without the limits of what is taken:
 * a row that came by another way must still be shown.
 */
export function answered(schema: TSchema): TSchema {
  const { field } = t.Required(t.Object({ field: schema })).properties as { field: TSchema };
  return withoutLimits(field);
}

function withoutLimits(schema: TSchema): TSchema {
  const kept = { ...schema };
  for (const limit of LIMITS) delete kept[limit];
  const { anyOf } = kept as { anyOf?: TSchema[] };
  return anyOf ? { ...kept, anyOf: anyOf.map(withoutLimits) } : kept;
}

export const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()]);

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

export const limitOf = (query: { limit?: number | undefined }) => query.limit ?? LIMIT_DEFAULT;

/** A page of rows that were read with one row more than the limit, which tells whether more follow. */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  toItem: (row: R) => T,
  cursorOf: (row: R) => string,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? cursorOf(last) : null;
  return { items: shown.map(toItem), next };
}
