import { type Static, t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { Id, IdParams, nullable, shape, Time } from '../http/schemas.ts';
import {
  type Configured,
  readConfigured,
  readGroup,
  setConfiguration,
  setGroup,
  type Target,
} from './configurations.ts';
import { currentManifest, readEffective } from './manifests.ts';

const GroupCode = t.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' });
const GroupParams = t.Object({ code: GroupCode });
const Document = t.Record(t.String(), t.Unknown(), {
  description: "time_zone, thresholds, policies, forwarding, cameras: as in a box's own file.",
});
const Models = t.Record(
  t.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' }),
  t.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$' }),
  { description: 'Model name → version whose files the box pulls.' },
);
const Given = t.Object({
  configuration: Document,
  models: t.Optional(Models),
  not_before: t.Optional(nullable(Time)),
});
type Given = Static<typeof Given>;

const SetHere = shape('EdgeConfigurationSet', {
  version: t.Integer({ description: 'Counts what was set here; 0: nothing yet.' }),
  configuration: Document,
  models: Models,
  not_before: nullable(Time),
  set_by: nullable(t.String()),
  set_at: nullable(Time),
});
const OfBox = shape('EdgeConfigurationOfBox', {
  edge_id: Id,
  group: t.String(),
  own: SetHere,
  of_group: SetHere,
  effective: nullable(Document),
  manifest_version: nullable(t.Integer({ description: 'What the box is given.' })),
  applied_version: nullable(t.Integer({ description: 'What the box says it works with.' })),
  on_trial: t.Boolean(),
  refused_version: nullable(t.Integer()),
  refused_reason: nullable(t.String()),
  reported_at: nullable(Time),
});

/** What administrators set for boxes, and what became of it there. */
export function edgeConfigurationRoutes(
  context: Pick<CoreContext, 'db' | 'keys' | 'clock' | 'log'>,
) {
  const { db } = context;

  const put = async (author: Author, target: Target, given: Given) =>
    await db.transaction().execute((trx) =>
      setConfiguration(trx, author, target, {
        document: given.configuration,
        models: given.models ?? {},
        notBefore: given.not_before ? new Date(given.not_before) : null,
      }),
    );

  const ofBox = async (organisationId: string, edgeId: string): Promise<Static<typeof OfBox>> => {
    const group = await readGroup(db, organisationId, edgeId);
    const edge = { organisationId, edgeId };
    const own = await readConfigured(db, organisationId, { edgeId });
    const ofGroup = await readConfigured(db, organisationId, { group });
    const effective = await readEffective(db, edge);
    const manifest = await currentManifest(context, edge);
    const state = await db
      .selectFrom('edge_configuration_states')
      .selectAll()
      .where('organisation_id', '=', organisationId)
      .where('edge_id', '=', edgeId)
      .executeTakeFirst();
    return {
      edge_id: edgeId,
      group,
      own: toSet(own),
      of_group: toSet(ofGroup),
      effective: effective?.configuration ?? null,
      manifest_version: manifest?.version ?? null,
      applied_version: state?.applied_version ?? null,
      on_trial: state?.on_trial ?? false,
      refused_version: state?.refused_version ?? null,
      refused_reason: state?.refused_reason ?? null,
      reported_at: state?.reported_at.toISOString() ?? null,
    };
  };

  return feature('Edges')
    .get(
      '/edges/:id/configuration',
      async ({ principal, params }) => await ofBox(principal.organisationId, params.id),
      {
        permission: 'edges:manage',
        params: IdParams,
        response: { 200: OfBox },
        detail: { summary: 'What a box should have, and what it says it has' },
      },
    )
    .put(
      '/edges/:id/configuration',
      async ({ principal, params, body }) => {
        await put(principal, { edgeId: params.id }, body);
        return await ofBox(principal.organisationId, params.id);
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        body: Given,
        response: { 200: OfBox },
        detail: { summary: "Set a box's configuration; it goes over its group's" },
      },
    )
    .put(
      '/edges/:id/group',
      async ({ principal, params, body }) => {
        const { group } = body;
        await db.transaction().execute((trx) => setGroup(trx, principal, params.id, group));
        return await ofBox(principal.organisationId, params.id);
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        body: t.Object({ group: GroupCode }),
        response: { 200: OfBox },
        detail: { summary: 'Put a box into a group; new boxes are in `default`' },
      },
    )
    .get(
      '/edge-groups/:code/configuration',
      async ({ principal, params }) =>
        toSet(await readConfigured(db, principal.organisationId, { group: params.code })),
      {
        permission: 'edges:manage',
        params: GroupParams,
        response: { 200: SetHere },
        detail: { summary: "A group's configuration" },
      },
    )
    .put(
      '/edge-groups/:code/configuration',
      async ({ principal, params, body }) => {
        const target = { group: params.code };
        await put(principal, target, body);
        return toSet(await readConfigured(db, principal.organisationId, target));
      },
      {
        permission: 'edges:manage',
        params: GroupParams,
        body: Given,
        response: { 200: SetHere },
        detail: { summary: "Set a group's configuration, which its boxes pull" },
      },
    );
}

interface Author {
  readonly organisationId: string;
  readonly actor: string;
}

function toSet(row: Configured | null): Static<typeof SetHere> {
  return {
    version: row?.version ?? 0,
    configuration: row?.document ?? {},
    models: row?.models ?? {},
    not_before: row?.not_before?.toISOString() ?? null,
    set_by: row?.created_by ?? null,
    set_at: row?.created_at.toISOString() ?? null,
  };
}
