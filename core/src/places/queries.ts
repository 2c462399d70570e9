import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { type RawBuilder, sql } from 'kysely';
import { writeAudit } from '../audit.ts';
import type { UserPrincipal } from '../auth/principal.ts';
import { parseCursor } from '../code-tables/code-table.ts';
import type { Handle, Transaction } from '../db/database.ts';
import { asGeoJson, geometryOf, type Point, type Polygon } from '../db/geometry.ts';
import { limitOf, toPage } from '../http/schemas.ts';
import { checkPlacedPolygon, LEVELS, type PlaceTable } from './geometry-rules.ts';

/** A row of a level; which columns beside these depends on the level. */
export interface PlaceRow {
  readonly [column: string]: unknown;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly area_m2: number;
  readonly centroid: Point;
  readonly polygon: Polygon;
  readonly created_at: string;
  readonly retired_at: string | null;
}

/** What a request sets; `polygon` goes into `geom`. */
export interface PlaceFields {
  readonly [column: string]: unknown;
  readonly polygon?: Polygon;
}

const SHARED = ['id', 'code', 'name', 'area_m2', 'created_at', 'retired_at'];

/** Reading and writing of one level of places; the levels differ in a few columns. */
export class PlaceQueries {
  readonly #columns: RawBuilder<unknown>;

  /** `columns`: those that the level has beside the shared ones. */
  constructor(
    private readonly table: PlaceTable,
    private readonly noun: string,
    columns: readonly string[],
  ) {
    this.#columns = sql.join([
      ...[...SHARED, ...columns].map((name) => sql.ref(name)),
      sql`${asGeoJson('centroid')} as centroid`,
      sql`${asGeoJson('geom')} as polygon`,
    ]);
  }

  async list(
    db: Handle,
    organisationId: string,
    query: { limit?: number; cursor?: string; code?: string; parent_id?: string },
  ) {
    const limit = limitOf(query);
    const conditions = [sql`organisation_id = ${organisationId}`, sql`retired_at is null`];
    if (query.cursor) conditions.push(sql`id > ${parseCursor(query.cursor)}`);
    if (query.code) conditions.push(sql`code = ${query.code}`);
    const { parent } = LEVELS[this.table];
    if (query.parent_id && parent) {
      conditions.push(sql`${sql.ref(parent.key)} = ${query.parent_id}`);
    }
    const { rows } = await sql<PlaceRow>`
      select ${this.#columns} from ${sql.table(this.table)}
       where ${sql.join(conditions, sql` and `)}
       order by id limit ${limit + 1}`.execute(db);
    return toPage(rows, limit, toPlace, (row) => row.id);
  }

  async get(db: Handle, organisationId: string, id: string): Promise<PlaceRow> {
    const { rows } = await sql<PlaceRow>`
      select ${this.#columns} from ${sql.table(this.table)}
       where organisation_id = ${organisationId} and id = ${id}`.execute(db);
    return this.#found(rows);
  }

  async create(trx: Transaction, principal: UserPrincipal, fields: PlaceFields) {
    const { organisationId } = principal;
    const { polygon, ...columns } = fields;
    if (!polygon) throw new Error('a place without polygon');
    const parentId = this.#parentIdOf(fields);
    await checkPlacedPolygon(trx, { organisationId, table: this.table, polygon, parentId });
    const values: Record<string, unknown> = {
      organisation_id: organisationId,
      id: newId(),
      ...columns,
      geom: geometryOf(polygon),
    };
    const { rows } = await sql<PlaceRow>`
      insert into ${sql.table(this.table)}
        (${sql.join(Object.keys(values).map((name) => sql.ref(name)))})
      values (${sql.join(Object.values(values))})
      returning ${this.#columns}`.execute(trx);
    const place = this.#found(rows);
    await this.#audit(trx, principal, 'create', undefined, place);
    return place;
  }

  async change(trx: Transaction, principal: UserPrincipal, id: string, fields: PlaceFields) {
    const { organisationId } = principal;
    const before = await this.get(trx, organisationId, id);
    const { polygon, ...columns } = fields;
    const parentId = this.#parentIdOf({ ...before, ...columns });
    if (polygon || parentId !== this.#parentIdOf(before)) {
      await checkPlacedPolygon(trx, {
        organisationId,
        table: this.table,
        polygon: polygon ?? before.polygon,
        parentId,
        id,
      });
    }
    const changes = Object.entries(columns).map(
      ([name, value]) => sql`${sql.ref(name)} = ${value}`,
    );
    if (polygon) changes.push(sql`geom = ${geometryOf(polygon)}`);
    const { rows } = await sql<PlaceRow>`
      update ${sql.table(this.table)} set ${sql.join(changes)}
       where organisation_id = ${organisationId} and id = ${id}
      returning ${this.#columns}`.execute(trx);
    const place = this.#found(rows);
    await this.#audit(trx, principal, 'update', before, place);
    return place;
  }

  /** Throws CONFLICT where something is still there. */
  async retire(trx: Transaction, principal: UserPrincipal, id: string) {
    const { organisationId } = principal;
    const before = await this.get(trx, organisationId, id);
    const { rows } = await sql<PlaceRow>`
      update ${sql.table(this.table)} set retired_at = coalesce(retired_at, now())
       where organisation_id = ${organisationId} and id = ${id}
      returning ${this.#columns}`.execute(trx);
    const place = this.#found(rows);
    // After the update, whose lock keeps others from bringing something meanwhile.
    await this.#checkEmpty(trx, organisationId, id);
    await this.#audit(trx, principal, 'retire', before, place);
    return place;
  }

  async #checkEmpty(trx: Transaction, organisationId: string, id: string): Promise<void> {
    const { child } = LEVELS[this.table];
    const inside = child
      ? sql<{ found: number }>`
          select count(*) as found from ${sql.table(child.table)}
           where organisation_id = ${organisationId} and ${sql.ref(child.key)} = ${id}
             and retired_at is null`
      : sql<{ found: number }>`
          select coalesce(sum(quantity_current), 0)::bigint as found from stock_batches
           where organisation_id = ${organisationId} and storage_location_id = ${id}`;
    const { rows } = await inside.execute(trx);
    const found = rows[0]?.found ?? 0;
    if (found === 0) return;
    const what = child ? `${found} places lie in it` : `${found} plants stand there`;
    throw new AppError('CONFLICT', `It cannot be retired: ${what}.`, {
      hint: 'Retire or move them first.',
    });
  }

  #parentIdOf(fields: PlaceFields): string | undefined {
    const { parent } = LEVELS[this.table];
    return parent ? String(fields[parent.key]) : undefined;
  }

  #found(rows: readonly PlaceRow[]): PlaceRow {
    const [row] = rows;
    if (row) return toPlace(row);
    throw new AppError('NOT_FOUND', `There is no such ${this.noun}.`, { field: 'id' });
  }

  async #audit(
    trx: Transaction,
    principal: UserPrincipal,
    action: string,
    before: PlaceRow | undefined,
    after: PlaceRow,
  ): Promise<void> {
    await writeAudit(trx, {
      organisationId: principal.organisationId,
      actor: principal.actor,
      action: `${this.table}.${action}`,
      subjectType: this.table,
      subjectId: after.id,
      before,
      after,
    });
  }
}

function toPlace(row: PlaceRow): PlaceRow {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return Object.fromEntries(entries) as PlaceRow;
}
