import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import {
  Code,
  Id,
  IdParams,
  limitOf,
  Name,
  PageQuery,
  pageOf,
  Time,
  toPage,
} from '../http/schemas.ts';
import { Alert, AlertQuery, readAlerts } from './alert-list.ts';
import { Edge, readEdge, readEdges } from './boxes.ts';
import {
  CODE_HOURS,
  changeEdge,
  createCredential,
  createEdge,
  issueCode,
  revokeEdge,
} from './queries.ts';
import { removeEdge } from './remove.ts';

const Enrolment = t.Object({
  code: t.String({ description: 'Typed in at the box, once; it is shown nowhere again.' }),
  expires_at: Time,
});
const EnrolmentBody = {
  valid_hours: t.Optional(t.Integer({ minimum: 1, maximum: 168, default: CODE_HOURS })),
};
const Changes = t.Object({
  name: t.Optional(Name),
  silent_after_minutes: t.Optional(t.Integer({ minimum: 5, maximum: 43_200 })),
  unsent_after_hours: t.Optional(t.Integer({ minimum: 1, maximum: 8_760 })),
});

/** The edge boxes of the organisation: their names, credentials, states and alerts. */
export function edgeRoutes(context: Pick<CoreContext, 'db' | 'keys' | 'clock' | 'secrets'>) {
  const { db, keys, clock, secrets } = context;
  const now = () => new Date(clock.now());
  const options = (hours = CODE_HOURS) => ({ key: secrets.codes, now: now(), hours });
  return feature('Edges')
    .get(
      '/edges',
      async ({ principal, query }) => {
        const limit = limitOf(query);
        const page = { after: query.cursor, limit: limit + 1 };
        const edges = await readEdges(db, principal.organisationId, page, now());
        return toPage(
          edges,
          limit,
          (edge) => edge,
          ({ id }) => id,
        );
      },
      {
        permission: 'edges:manage',
        query: PageQuery,
        response: { 200: pageOf(Edge) },
        detail: { summary: 'Edge boxes, and how each is' },
      },
    )
    .get(
      '/edges/alerts',
      async ({ principal, query: { open, cursor, limit } }) =>
        await readAlerts(db, principal.organisationId, { open, cursor, limit: limitOf({ limit }) }),
      {
        permission: 'edges:manage',
        query: AlertQuery,
        response: { 200: pageOf(Alert) },
        detail: { summary: 'What was wrong with boxes, the newest first' },
      },
    )
    .get(
      '/edges/:id',
      async ({ principal, params }) =>
        await readEdge(db, principal.organisationId, params.id, now()),
      {
        permission: 'edges:manage',
        params: IdParams,
        response: { 200: Edge },
        detail: { summary: 'One edge box' },
      },
    )
    .post(
      '/edges',
      async ({ principal, body: { valid_hours: hours, ...given }, set }) => {
        const { id, code, expiresAt } = await db.transaction().execute(async (trx) => {
          const made = await createEdge(trx, principal, given);
          return { id: made, ...(await issueCode(trx, principal, made, options(hours))) };
        });
        set.status = 201;
        set.headers['cache-control'] = 'no-store';
        const edge = await readEdge(db, principal.organisationId, id, now());
        return { ...edge, enrolment: { code, expires_at: expiresAt.toISOString() } };
      },
      {
        permission: 'edges:manage',
        body: t.Object({ code: Code, name: Name, ...EnrolmentBody }),
        response: { 201: t.Composite([Edge, t.Object({ enrolment: Enrolment })]) },
        detail: { summary: 'Add an edge box; answers the one-time code that it enrols with' },
      },
    )
    .patch(
      '/edges/:id',
      async ({ principal, params, body }) => {
        await db.transaction().execute((trx) => changeEdge(trx, principal, params.id, body));
        return await readEdge(db, principal.organisationId, params.id, now());
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        body: Changes,
        response: { 200: Edge },
        detail: { summary: 'Rename an edge box, or set when it is missed' },
      },
    )
    .post(
      '/edges/:id/code',
      async ({ principal, params, body, set }) => {
        const hours = body?.valid_hours;
        const { code, expiresAt } = await db
          .transaction()
          .execute((trx) => issueCode(trx, principal, params.id, options(hours)));
        set.status = 201;
        set.headers['cache-control'] = 'no-store';
        return { code, expires_at: expiresAt.toISOString() };
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        body: t.Optional(t.Object(EnrolmentBody)),
        response: { 201: Enrolment },
        detail: {
          summary: 'A new one-time code; the one before ends',
          description:
            'What the box has goes on until it enrols with the code. A revoked box takes part again then.',
        },
      },
    )
    .post(
      '/edges/:id/credential',
      async ({ principal, params, set }) => {
        const { token, expiresAt } = await db
          .transaction()
          .execute((trx) => createCredential(trx, keys, principal, params.id, now()));
        set.status = 201;
        set.headers['cache-control'] = 'no-store';
        return { token, expires_at: expiresAt.toISOString() };
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        response: { 201: t.Object({ token: t.String(), expires_at: Time }) },
        detail: {
          summary: 'A token of two years; the token or key before is refused at once',
          description: 'For boxes that cannot enrol. A key of its own is better: it never travels.',
        },
      },
    )
    .delete(
      '/edges/:id',
      async ({ principal, params }) => {
        await db.transaction().execute((trx) => revokeEdge(trx, principal, params.id, now()));
        return await readEdge(db, principal.organisationId, params.id, now());
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        response: { 200: Edge },
        detail: { summary: 'Revoke an edge: nothing that it sends is taken any more' },
      },
    )
    .post(
      '/edges/:id/remove',
      async ({ principal, params }) => {
        await db.transaction().execute((trx) => removeEdge(trx, principal, params.id));
        return { id: params.id };
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        response: { 200: t.Object({ id: Id }) },
        detail: {
          summary: 'Forget an edge that was never here',
          description: 'One added by mistake. 409 once it has enrolled or come: revoke it then.',
        },
      },
    );
}
