import { AppError } from '@demeter/common/errors';
import type { TProperties } from '@sinclair/typebox';
import { t } from 'elysia';
import { codeTableRoutes } from '../code-tables/code-table.ts';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import {
  Code,
  Id,
  IdParams,
  Name,
  nullable,
  PageQuery,
  PointSchema,
  PolygonSchema,
  pageOf,
  shape,
  Time,
  titleOf,
} from '../http/schemas.ts';
import type { PlaceTable } from './geometry-rules.ts';
import { type PlaceFields, PlaceQueries } from './queries.ts';

const TAG = 'Places';

const Kind = t.Union([
  t.Literal('greenhouse'),
  t.Literal('shadehouse'),
  t.Literal('open_field'),
  t.Literal('tunnel'),
]);
const Position = t.Union(['N', 'S', 'E', 'W', 'C'].map((one) => t.Literal(one)));
const BinKind = t.Union(
  ['plug_tray', 'seedling_tray', 'box', 'segment', 'pot'].map((one) => t.Literal(one)),
);
const count = t.Optional(nullable(t.Integer({ minimum: 1, maximum: 1_000_000 })));
const centimetres = t.Optional(nullable(t.Number({ exclusiveMinimum: 0, maximum: 100_000 })));

/** The four levels of places, and the types of what stands at them. */
export function placeRoutes(context: Pick<CoreContext, 'db'>) {
  return [
    levelRoutes(context, {
      path: '/warehouses',
      table: 'warehouses',
      noun: 'warehouse',
      fields: { kind: Kind, timezone: t.String({ description: 'IANA, e.g. Europe/Madrid.' }) },
    }),
    levelRoutes(context, {
      path: '/storage-areas',
      table: 'storage_areas',
      noun: 'storage area',
      fields: { warehouse_id: Id, position: t.Optional(nullable(Position)) },
    }),
    levelRoutes(context, {
      path: '/storage-locations',
      table: 'storage_locations',
      noun: 'storage location',
      fields: { storage_area_id: Id },
    }),
    codeTableRoutes(context, {
      tag: TAG,
      path: '/storage-bin-types',
      table: 'storage_bin_types',
      noun: 'bin type',
      fields: {
        code: Code,
        name: Name,
        kind: BinKind,
        rows: count,
        columns: count,
        capacity: count,
        length_cm: centimetres,
        width_cm: centimetres,
        height_cm: centimetres,
      },
      retires: false,
    }),
    codeTableRoutes(context, {
      tag: TAG,
      path: '/storage-bins',
      table: 'storage_bins',
      noun: 'bin',
      fields: { code: Code, storage_location_id: Id, storage_bin_type_id: Id },
      filters: ['storage_location_id'],
      retires: true,
    }),
  ];
}

interface LevelDefinition {
  readonly path: string;
  readonly table: PlaceTable;
  readonly noun: string;
  /** Fields that this level has beside code, name and polygon. */
  readonly fields: TProperties;
}

function levelRoutes(
  { db }: Pick<CoreContext, 'db'>,
  { path, table, noun, fields: own }: LevelDefinition,
) {
  const queries = new PlaceQueries(table, noun, Object.keys(own));
  const fields = { code: Code, name: Name, ...own, polygon: PolygonSchema };
  const Item = shape(titleOf(noun), {
    id: Id,
    code: t.String(),
    name: t.String(),
    ...t.Required(t.Object(own)).properties,
    area_m2: t.Number(),
    centroid: PointSchema,
    polygon: PolygonSchema,
    created_at: Time,
    retired_at: nullable(Time),
  });
  return feature(TAG)
    .get(
      path,
      async ({ principal, query }) =>
        (await queries.list(db, principal.organisationId, query)) as never,
      {
        permission: 'stock:read',
        query: t.Object({
          ...PageQuery.properties,
          code: t.Optional(Code),
          parent_id: t.Optional(Id),
        }),
        response: { 200: pageOf(Item) },
        detail: { summary: `List: ${noun}` },
      },
    )
    .get(
      `${path}/:id`,
      async ({ principal, params }) =>
        (await queries.get(db, principal.organisationId, params.id)) as never,
      {
        permission: 'stock:read',
        params: IdParams,
        response: { 200: Item },
        detail: { summary: `Read one: ${noun}` },
      },
    )
    .post(
      path,
      async ({ principal, body, set }) => {
        checkTimezone(body);
        set.status = 201;
        return (await db
          .transaction()
          .execute((trx) => queries.create(trx, principal, body as PlaceFields))) as never;
      },
      {
        permission: 'config:write',
        body: t.Object(fields),
        response: { 201: Item },
        detail: { summary: `Create: ${noun}` },
      },
    )
    .patch(
      `${path}/:id`,
      async ({ principal, params, body }) => {
        checkTimezone(body);
        return (await db
          .transaction()
          .execute((trx) =>
            queries.change(trx, principal, params.id, body as PlaceFields),
          )) as never;
      },
      {
        permission: 'config:write',
        params: IdParams,
        body: t.Partial(t.Object(fields), { minProperties: 1 }),
        response: { 200: Item },
        detail: { summary: `Change: ${noun}` },
      },
    )
    .delete(
      `${path}/:id`,
      async ({ principal, params }) =>
        (await db
          .transaction()
          .execute((trx) => queries.retire(trx, principal, params.id))) as never,
      {
        permission: 'config:write',
        params: IdParams,
        response: { 200: Item },
        detail: { summary: `Retire: ${noun}` },
      },
    );
}

/** Throws INVALID_INPUT for a zone that nobody knows. */
function checkTimezone(body: unknown): void {
  const { timezone } = body as { timezone?: string };
  if (timezone === undefined) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch (error) {
    throw new AppError('INVALID_INPUT', `${timezone} is no IANA time zone.`, {
      field: 'timezone',
      cause: error,
    });
  }
}
