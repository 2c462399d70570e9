import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { t } from 'elysia';
import { type RawBuilder, sql } from 'kysely';
import { parseCursor } from '../code-tables/code-table.ts';
import type { CoreContext } from '../context.ts';
import type { Handle } from '../db/database.ts';
import { feature } from '../http/feature.ts';
import {
  Code,
  Id,
  IdParams,
  limitOf,
  nullable,
  PageQuery,
  pageOf,
  shape,
  toPage,
} from '../http/schemas.ts';
import { createManualBatch } from './batches.ts';
import { bookWaitingSessions } from './book-waiting.ts';
import { checkStock } from './check-stock.ts';
import { MANUAL_KINDS, QUANTITY_MAX } from './movement-rules.ts';
import { takeBackMovement } from './movements.ts';
import { decideProposal } from './proposals.ts';
import { recordMovementOnce } from './request-key.ts';
import { Batch, Movement, Proposal, readBatches, readMovements, readProposals } from './views.ts';

const TAG = 'Stock';
const ProposalState = t.Union(
  ['open', 'confirmed', 'rejected', 'superseded'].map((state) => t.Literal(state)),
);
const WrittenMovement = shape('WrittenMovement', {
  ...Movement.properties,
  counterpart: nullable(Movement),
});
const Reason = t.String({ minLength: 1, maxLength: 500 });

/** Batches, what moved them, and what counts propose. */
export function stockRoutes(context: StockContext) {
  return [batchRoutes(context), movementRoutes(context), proposalRoutes(context)];
}

type StockContext = Pick<
  CoreContext,
  'db' | 'clock' | 'metrics' | 'log' | 'events' | 'organisationId'
>;

function batchRoutes(context: StockContext) {
  const { db, clock, metrics } = context;
  return feature(TAG)
    .get(
      '/stock/batches',
      async ({ principal: { organisationId }, query }) => {
        const limit = limitOf(query);
        const where = before('b', query.cursor);
        if (query.location_id) where.push(sql`b.storage_location_id = ${query.location_id}`);
        if (query.product_id) where.push(sql`b.product_id = ${query.product_id}`);
        if (query.code) where.push(sql`b.code = ${query.code}`);
        const rows = await readBatches(db, { organisationId, where, limit: limit + 1 });
        return toPage(rows, limit, same, (row) => row.id);
      },
      {
        permission: 'stock:read',
        query: t.Object({
          ...PageQuery.properties,
          location_id: t.Optional(Id),
          product_id: t.Optional(Id),
          code: t.Optional(t.String({ maxLength: 200 })),
        }),
        response: { 200: pageOf(Batch) },
        detail: { summary: 'Batches, newest first' },
      },
    )
    .get(
      '/stock/batches/:id',
      async ({ principal, params }) => await oneBatch(db, principal.organisationId, params.id),
      {
        permission: 'stock:read',
        params: IdParams,
        response: { 200: Batch },
        detail: { summary: 'One batch' },
      },
    )
    .post(
      '/stock/batches',
      async ({ principal, body, set }) => {
        const now = new Date(clock.now());
        const id = await db
          .transaction()
          .execute((trx) => createManualBatch(trx, principal, body, now));
        metrics.stockOperations.inc({ operation_type: 'manual_init' });
        // It may have configured the place that counts waited for.
        await bookWaitingSessions(context, { locationId: body.location_id });
        set.status = 201;
        return await oneBatch(db, principal.organisationId, id);
      },
      {
        permission: 'stock:write',
        body: t.Object({
          product_id: Id,
          location_id: Id,
          quantity: t.Integer({ minimum: 0, maximum: QUANTITY_MAX }),
          batch_code: t.Optional(Code),
          product_state_id: t.Optional(nullable(Id)),
          product_size_id: t.Optional(nullable(Id)),
          packaging_id: t.Optional(nullable(Id)),
        }),
        response: { 201: Batch },
        detail: { summary: 'Start a batch by hand (manual_init)' },
      },
    )
    .get(
      '/stock/check',
      async ({ principal }) => toCheck(await checkStock(db, principal.organisationId)),
      {
        permission: 'stock:read',
        response: {
          200: t.Object({
            batches: t.Integer(),
            movements: t.Integer(),
            disagreeing: t.Array(
              t.Object({
                batch_id: Id,
                code: t.String(),
                quantity_current: t.Integer(),
                sum_of_movements: t.Integer(),
              }),
            ),
          }),
        },
        detail: { summary: 'Prove that every batch is the sum of its movements' },
      },
    );
}

function movementRoutes(context: StockContext) {
  const { db, clock, metrics } = context;
  return feature(TAG)
    .get(
      '/stock/movements',
      async ({ principal: { organisationId }, query }) => {
        const limit = limitOf(query);
        const where = before('m', query.cursor);
        if (query.batch_id) where.push(sql`m.stock_batch_id = ${query.batch_id}`);
        if (query.photo_id)
          where.push(sql`m.photo_sha256 = ${parseSha256(query.photo_id, 'photo_id')}`);
        const rows = await readMovements(db, { organisationId, where, limit: limit + 1 });
        return toPage(rows, limit, same, (row) => row.id);
      },
      {
        permission: 'stock:read',
        query: t.Object({
          ...PageQuery.properties,
          batch_id: t.Optional(Id),
          photo_id: t.Optional(t.String()),
        }),
        response: { 200: pageOf(Movement) },
        detail: { summary: 'Movements, newest first' },
      },
    )
    .post(
      '/stock/movements',
      async ({ principal, body, headers, set }) => {
        const now = new Date(clock.now());
        const key = headers['idempotency-key'];
        const { occurred_at: occurredAt, ...movement } = body;
        const given = occurredAt === undefined ? {} : { occurred_at: new Date(occurredAt) };
        const asked = { ...movement, ...given };
        const { ids, created } = await recordMovementOnce(db, principal, asked, { key, now });
        if (created) metrics.stockOperations.inc({ operation_type: body.kind });
        const { to_location_id: locationId } = body;
        if (locationId !== undefined) await bookWaitingSessions(context, { locationId });
        set.status = created ? 201 : 200;
        return await writtenOf(db, principal.organisationId, ids);
      },
      {
        permission: 'stock:write',
        body: t.Object({
          batch_id: Id,
          kind: t.Union(MANUAL_KINDS.map((kind) => t.Literal(kind))),
          quantity: t.Integer({ minimum: -QUANTITY_MAX, maximum: QUANTITY_MAX }),
          reason: t.Optional(Reason),
          occurred_at: t.Optional(t.String({ format: 'date-time' })),
          to_location_id: t.Optional(Id),
        }),
        headers: t.Object(
          {
            'idempotency-key': t.Optional(
              t.String({
                minLength: 1,
                maxLength: 200,
                description:
                  'Sent again with the same key, it is written once, and answered by 200.',
              }),
            ),
          },
          { additionalProperties: true },
        ),
        response: { 200: WrittenMovement, 201: WrittenMovement },
        detail: {
          summary: 'Write what happened to a batch',
          description: 'Of a transplant the leaving half; the arriving one is its counterpart.',
        },
      },
    )
    .delete(
      '/stock/movements/:id',
      async ({ principal, params }) => {
        const now = new Date(clock.now());
        const ids = await db
          .transaction()
          .execute((trx) => takeBackMovement(trx, principal, params.id, now));
        metrics.stockOperations.inc({ operation_type: 'take_back' });
        return await writtenOf(db, principal.organisationId, ids);
      },
      {
        permission: 'stock:delete',
        params: IdParams,
        response: { 200: WrittenMovement },
        detail: {
          summary: 'Take a movement back',
          description: 'Nothing is deleted: a counter-movement is written and answered.',
        },
      },
    );
}

function proposalRoutes({ db, clock, metrics }: StockContext) {
  const decide = async (
    principal: Parameters<typeof decideProposal>[1],
    id: string,
    decision: 'confirmed' | 'rejected',
  ) => {
    const now = new Date(clock.now());
    await db.transaction().execute((trx) => decideProposal(trx, principal, id, decision, now));
    metrics.stockOperations.inc({ operation_type: `proposal_${decision}` });
    const { organisationId } = principal;
    const where = [sql`o.id = ${id}`];
    const [proposal] = await readProposals(db, { organisationId, where, limit: 1 });
    if (!proposal) throw new Error('a proposal that was decided is gone');
    return proposal;
  };
  return feature(TAG)
    .get(
      '/stock/proposals',
      async ({ principal: { organisationId }, query }) => {
        const limit = limitOf(query);
        const where = before('o', query.cursor);
        if (query.state) where.push(sql`o.state = ${query.state}`);
        const rows = await readProposals(db, { organisationId, where, limit: limit + 1 });
        return toPage(rows, limit, same, (row) => row.id);
      },
      {
        permission: 'stock:read',
        query: t.Object({ ...PageQuery.properties, state: t.Optional(ProposalState) }),
        response: { 200: pageOf(Proposal) },
        detail: { summary: 'What later counts propose, newest first' },
      },
    )
    .post(
      '/stock/proposals/:id/confirm',
      async ({ principal, params }) => await decide(principal, params.id, 'confirmed'),
      {
        permission: 'stock:write',
        params: IdParams,
        response: { 200: Proposal },
        detail: { summary: 'Book the difference' },
      },
    )
    .post(
      '/stock/proposals/:id/reject',
      async ({ principal, params }) => await decide(principal, params.id, 'rejected'),
      {
        permission: 'stock:write',
        params: IdParams,
        response: { 200: Proposal },
        detail: { summary: 'Leave the stock as it is' },
      },
    );
}

/** Lists run backwards in time: ids are ordered by it. */
function before(table: 'b' | 'm' | 'o', cursor: string | undefined): RawBuilder<unknown>[] {
  return cursor === undefined ? [] : [sql`${sql.ref(`${table}.id`)} < ${parseCursor(cursor)}`];
}

const same = <T>(row: T): T => row;

const toCheck = (check: Awaited<ReturnType<typeof checkStock>>) => ({
  ...check,
  disagreeing: [...check.disagreeing],
});

async function oneBatch(db: Handle, organisationId: string, id: string): Promise<Batch> {
  const [batch] = await readBatches(db, { organisationId, where: [sql`b.id = ${id}`], limit: 1 });
  if (batch) return batch;
  throw new AppError('NOT_FOUND', 'There is no such batch.', { field: 'id' });
}

/** The first movement written; of a transplant with its other half. */
async function writtenOf(db: Handle, organisationId: string, ids: readonly string[]) {
  const where = [sql`m.id = any(${[...ids]}::uuid[])`];
  const [first, second] = (await readMovements(db, { organisationId, where, limit: 2 })).reverse();
  if (!first) throw new Error('a movement that was written is gone');
  return { ...first, counterpart: second ?? null };
}
