import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import type { TObject, TProperties } from '@sinclair/typebox';
import { type Static, type TSchema, t } from 'elysia';
import { type RawBuilder, sql } from 'kysely';
import { writeAudit } from '../audit.ts';
import type { UserPrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import type { Handle } from '../db/database.ts';
import { feature } from '../http/feature.ts';
import {
  answered,
  Id,
  IdParams,
  limitOf,
  nullable,
  PageQuery,
  pageOf,
  shape,
  Time,
  titleOf,
  toPage,
} from '../http/schemas.ts';

/** One of the small tables that differ only in their columns: states, sizes, packagings, bins, … */
export interface CodeTable<F extends TProperties> {
  readonly tag: string;
  /** `/product-states`. */
  readonly path: string;
  /** `product_states`. */
  readonly table: string;
  /** For messages: `product state`. */
  readonly noun: string;
  /** Fields that people set; named as their columns. */
  readonly fields: F;
  /** Fields of `fields` by which a list can be narrowed. */
  readonly filters?: readonly (keyof F & string)[];
  /** True where the table has `retired_at`: DELETE sets it, and lists leave it out. */
  readonly retires: boolean;
  /** Checks before a row is retired; throws CONFLICT. */
  readonly beforeRetire?: (db: Handle, organisationId: string, id: string) => Promise<void>;
}

type Row = Record<string, unknown> & { id: string };

/**
 * List, read, create, change and (where the table can) retire. Column names come from the
 * definition's own fields, never from a request: what is not named there is refused before.
 */
export function codeTableRoutes<F extends TProperties>(
  context: Pick<CoreContext, 'db'>,
  definition: CodeTable<F>,
) {
  const { db } = context;
  const { path, noun, tag, fields, retires } = definition;
  const Item = itemSchema(definition);
  const Changes = t.Partial(t.Object(fields), { minProperties: 1 });
  const queries = new CodeTableQueries(definition);
  const Filters = filterSchema(definition);
  const routes = feature(tag)
    .get(
      path,
      async ({ principal, query }) =>
        (await queries.list(db, principal.organisationId, query)) as never,
      {
        permission: 'stock:read',
        query: t.Composite([PageQuery, Filters]),
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
        set.status = 201;
        return (await db
          .transaction()
          .execute((trx) =>
            queries.create(trx, principal, body as Record<string, unknown>),
          )) as never;
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
      async ({ principal, params, body }) =>
        (await db
          .transaction()
          .execute((trx) =>
            queries.change(trx, principal, params.id, body as Record<string, unknown>),
          )) as never,
      {
        permission: 'config:write',
        params: IdParams,
        body: Changes,
        response: { 200: Item },
        detail: { summary: `Change: ${noun}` },
      },
    );
  if (!retires) return routes;
  return routes.delete(
    `${path}/:id`,
    async ({ principal, params }) =>
      (await db.transaction().execute((trx) => queries.retire(trx, principal, params.id))) as never,
    {
      permission: 'config:write',
      params: IdParams,
      response: { 200: Item },
      detail: { summary: `Retire: ${noun}` },
    },
  );
}

function itemSchema<F extends TProperties>({ fields, retires, noun }: CodeTable<F>): TObject {
  const item: Record<string, TSchema> = { id: Id };
  for (const [name, schema] of Object.entries(fields)) item[name] = answered(schema);
  if (retires) item.retired_at = nullable(Time);
  return shape(titleOf(noun), item);
}

function filterSchema<F extends TProperties>({ filters = [] }: CodeTable<F>): TObject {
  return t.Object(Object.fromEntries(filters.map((name) => [name, t.Optional(Id)])));
}

class CodeTableQueries<F extends TProperties> {
  readonly #table: RawBuilder<unknown>;
  readonly #columns: RawBuilder<unknown>;

  constructor(private readonly definition: CodeTable<F>) {
    const { fields, retires, table } = definition;
    this.#table = sql.table(table);
    const names = ['id', ...Object.keys(fields), ...(retires ? ['retired_at'] : [])];
    this.#columns = sql.join(names.map((name) => sql.ref(name)));
  }

  async list(
    db: Handle,
    organisationId: string,
    query: Static<typeof PageQuery> & Record<string, unknown>,
  ) {
    const limit = limitOf(query);
    const conditions = [sql`organisation_id = ${organisationId}`];
    if (this.definition.retires) conditions.push(sql`retired_at is null`);
    if (query.cursor) conditions.push(sql`id > ${parseCursor(query.cursor)}`);
    for (const name of this.definition.filters ?? []) {
      if (query[name] !== undefined) conditions.push(sql`${sql.ref(name)} = ${query[name]}`);
    }
    const { rows } = await sql<Row>`
      select ${this.#columns} from ${this.#table}
       where ${sql.join(conditions, sql` and `)}
       order by id limit ${limit + 1}`.execute(db);
    return toPage(rows, limit, toItem, (row) => row.id);
  }

  async get(db: Handle, organisationId: string, id: string) {
    const { rows } = await sql<Row>`
      select ${this.#columns} from ${this.#table}
       where organisation_id = ${organisationId} and id = ${id}`.execute(db);
    return toItem(this.#found(rows));
  }

  async create(db: Handle, principal: UserPrincipal, body: Record<string, unknown>) {
    const values = { organisation_id: principal.organisationId, id: newId(), ...body };
    const { rows } = await sql<Row>`
      insert into ${this.#table} (${sql.join(Object.keys(values).map((name) => sql.ref(name)))})
      values (${sql.join(Object.values(values).map(toValue))})
      returning ${this.#columns}`.execute(db);
    const item = toItem(this.#found(rows));
    await this.#audit(db, principal, 'create', undefined, item);
    return item;
  }

  async change(db: Handle, principal: UserPrincipal, id: string, body: Record<string, unknown>) {
    const before = await this.get(db, principal.organisationId, id);
    const changes = Object.entries(body).map(
      ([name, value]) => sql`${sql.ref(name)} = ${toValue(value)}`,
    );
    const { rows } = await sql<Row>`
      update ${this.#table} set ${sql.join(changes)}
       where organisation_id = ${principal.organisationId} and id = ${id}
      returning ${this.#columns}`.execute(db);
    const item = toItem(this.#found(rows));
    await this.#audit(db, principal, 'update', before, item);
    return item;
  }

  async retire(db: Handle, principal: UserPrincipal, id: string) {
    const { organisationId } = principal;
    const before = await this.get(db, organisationId, id);
    await this.definition.beforeRetire?.(db, organisationId, id);
    const { rows } = await sql<Row>`
      update ${this.#table} set retired_at = coalesce(retired_at, now())
       where organisation_id = ${organisationId} and id = ${id}
      returning ${this.#columns}`.execute(db);
    const item = toItem(this.#found(rows));
    await this.#audit(db, principal, 'retire', before, item);
    return item;
  }

  #found(rows: readonly Row[]): Row {
    const [row] = rows;
    if (row) return row;
    throw new AppError('NOT_FOUND', `There is no such ${this.definition.noun}.`, { field: 'id' });
  }

  async #audit(
    db: Handle,
    principal: UserPrincipal,
    action: string,
    before: Row | undefined,
    after: Row,
  ): Promise<void> {
    const { table } = this.definition;
    await writeAudit(db, {
      organisationId: principal.organisationId,
      actor: principal.actor,
      action: `${table}.${action}`,
      subjectType: table,
      subjectId: after.id,
      before,
      after,
    });
  }
}

/** Times as RFC 3339 text; all else as the database gives it. */
function toItem(row: Row): Row {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return Object.fromEntries(entries) as Row;
}

/** Objects go into jsonb columns. */
function toValue(value: unknown): RawBuilder<unknown> {
  const isJson = typeof value === 'object' && value !== null;
  return isJson ? sql`${JSON.stringify(value)}::jsonb` : sql`${value}`;
}

/** A cursor is the last id of the page before. Throws INVALID_INPUT. */
export function parseCursor(cursor: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(cursor)) return cursor;
  throw new AppError('INVALID_INPUT', 'This cursor is not one of ours.', { field: 'cursor' });
}
