import { AppError } from '@demeter/common/errors';
import { type Static, t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { Id, IdParams, nullable, shape, Time } from '../http/schemas.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import { type OfferedModel, titleOf } from '../pipelines/pipeline.ts';
import { DEFAULT_THRESHOLDS } from '../pipelines/rollout-rules.ts';
import type { RolloutKeeper } from './rollout-keeper.ts';
import { findRolloutModel } from './rollout-model.ts';
import { type Rollout, readRollouts, triedModels } from './rollout-queries.ts';
import { nameOf } from './rollouts.ts';
import { ModelParams } from './routes.ts';

const PERCENT_DEFAULT = 5;

const share = (description: string) => t.Number({ minimum: 0, maximum: 1_000, description });
const limits = {
  failed_share_max: share('Photos that only the new version fails on.'),
  missing_share_max: share('Photos unanswered in time, or found empty.'),
  latency_ratio_max: share('Median time by the stable version’s.'),
  drift_max: share('Plants in all, more or fewer.'),
  spread_max: share('Sum of the photos’ differences.'),
  samples_min: t.Integer({ minimum: 1, maximum: 2_000 }),
  samples_pass: t.Integer({ minimum: 1, maximum: 2_000 }),
  patience_ms: t.Integer({
    minimum: 1_000,
    maximum: 86_400_000,
    description: 'Later than this after the other answer, one is missing; in the shadow ten times.',
  }),
};
const Thresholds = shape('RolloutThresholds', limits);

const Evidence = shape('RolloutEvidence', {
  photos: t.Integer(),
  compared: t.Integer({ description: 'Counted by both.' }),
  stable_failed: t.Integer(),
  candidate_failed: t.Integer(),
  missing: t.Integer(),
  empty: t.Integer(),
  stable_plants: t.Integer(),
  candidate_plants: t.Integer(),
  difference: t.Integer(),
  latency_ratio: nullable(t.Number()),
});

const RolloutBody = shape('Rollout', {
  id: Id,
  model: t.String({ description: 'name/version' }),
  stable_model: t.String({
    description: 'What it takes the place of; where it joins an ensemble, what that is without it.',
  }),
  state: t.String({ description: 'shadow, canary, promoted, rolled_back' }),
  percent: t.Number({ description: 'Of the photos, while it was open.' }),
  auto_promote: t.Boolean(),
  thresholds: Thresholds,
  evidence: nullable(Evidence),
  verdict: nullable(
    t.String({ description: 'wait, pass, fail; null: not judged yet, or ended before it was.' }),
  ),
  reason: t.String(),
  created_by: t.String(),
  created_at: Time,
  phase_at: Time,
  ended_at: nullable(Time),
});

const Begin = t.Object({
  phase: t.Optional(t.Union([t.Literal('shadow'), t.Literal('canary')])),
  percent: t.Optional(t.Number({ exclusiveMinimum: 0, maximum: 100 })),
  auto_promote: t.Optional(t.Boolean()),
  thresholds: t.Optional(t.Partial(t.Object(limits))),
});

const Reason = t.Object({ reason: t.Optional(t.String({ minLength: 1, maxLength: 500 })) });

export interface RolloutRoutes {
  readonly context: Pick<CoreContext, 'db' | 'values'>;
  readonly mesh: Mesh;
  readonly pipelines: ActivePipelineStore;
  readonly rollouts: RolloutKeeper;
}

interface Person {
  readonly organisationId: string;
  readonly actor: string;
}

/** New model versions on their way: beside the stable one, instead of it, and for good. */
export function rolloutRoutes({ context, mesh, pipelines, rollouts }: RolloutRoutes) {
  const { db } = context;
  const begin = async (
    { organisationId, actor }: Person,
    model: OfferedModel,
    given: Static<typeof Begin>,
  ) =>
    await rollouts.begin(
      { organisationId, actor },
      {
        stable: await pipelines.require(),
        model,
        phase: given.phase ?? 'shadow',
        percent: given.percent ?? PERCENT_DEFAULT,
        autoPromote: given.auto_promote ?? false,
        thresholds: { ...DEFAULT_THRESHOLDS, ...given.thresholds },
      },
    );
  /** The version's newest rollout that `may`; undefined: none. */
  const find = async (
    organisationId: string,
    params: { name: string; version: string },
    may: (rollout: Rollout) => boolean,
  ) => (await readRollouts(db, organisationId, { model: nameOf(params) })).find(may);

  return feature('Models')
    .get(
      '/rollouts',
      async ({ principal }) => ({
        rollouts: (await readRollouts(db, principal.organisationId)).map(toBody),
      }),
      {
        permission: 'system:read',
        response: { 200: t.Object({ rollouts: t.Array(RolloutBody) }, { title: 'Rollouts' }) },
        detail: { summary: 'Rollouts of model versions, newest first; the last fifty' },
      },
    )
    .get(
      '/rollouts/:id',
      async ({ principal, params }) => {
        const [rollout] = await readRollouts(db, principal.organisationId, { id: params.id });
        if (rollout) return toBody(rollout);
        throw new AppError('NOT_FOUND', 'There is no such rollout.', { field: 'id' });
      },
      {
        permission: 'system:read',
        params: IdParams,
        response: { 200: RolloutBody },
        detail: { summary: 'One rollout' },
      },
    )
    .post(
      '/models/:name/:version/rollout',
      async ({ principal, params, body, set }) => {
        const model = findModel(params);
        set.status = 201;
        return toBody(await begin(principal, model, body));
      },
      {
        permission: 'models:manage',
        params: ModelParams,
        body: Begin,
        response: { 201: RolloutBody },
        detail: { summary: 'Try a version on a share of the photos' },
      },
    )
    .post(
      '/models/:name/:version/promote',
      async ({ principal, params, body }) => {
        const { organisationId, actor } = principal;
        const open = await find(organisationId, params, isOpen);
        const rollout = open ?? (await begin(principal, findModel(params), { phase: 'canary' }));
        const change = { to: 'promoted' as const, reason: body.reason ?? 'decided by a person' };
        return toBody(await rollouts.change({ organisationId, actor }, rollout.id, change));
      },
      {
        permission: 'models:manage',
        params: ModelParams,
        body: Reason,
        response: { 200: RolloutBody },
        detail: { summary: 'Let a version count all new photos, with or without a rollout before' },
      },
    )
    .post(
      '/models/:name/:version/rollback',
      async ({ principal, params, body }) => {
        const { organisationId, actor } = principal;
        const rollout = await find(organisationId, params, (one) => one.state !== 'rolled_back');
        if (!rollout) {
          throw new AppError('NOT_FOUND', `There is no rollout of ${nameOf(params)} to take back.`);
        }
        const change = { to: 'rolled_back' as const, reason: body.reason ?? 'decided by a person' };
        return toBody(await rollouts.change({ organisationId, actor }, rollout.id, change));
      },
      {
        permission: 'models:manage',
        params: ModelParams,
        body: Reason,
        response: { 200: RolloutBody },
        detail: { summary: 'End a rollout, or go back to the version before a promoted one' },
      },
    );

  function findModel(params: Static<typeof ModelParams>): OfferedModel {
    const reports = mesh.connected().map(({ report }) => report);
    return findRolloutModel(params, context.values.DEMETER_PLANTS_MODEL, reports);
  }
}

function isOpen({ state }: Rollout): boolean {
  return state === 'shadow' || state === 'canary';
}

function toBody(rollout: Rollout): Static<typeof RolloutBody> {
  const { id, model, state, percent, auto_promote, thresholds } = rollout;
  const { stable } = triedModels(rollout);
  const stable_model = stable ? nameOf(stable) : titleOf(rollout.stable_definition);
  const { evidence, reason, created_by } = rollout;
  // Nothing is waited for any more once it has ended.
  const verdict = !isOpen(rollout) && rollout.verdict === 'wait' ? null : rollout.verdict;
  return {
    ...{ id, model, stable_model, state, percent, auto_promote, thresholds },
    ...{ evidence, verdict, reason, created_by },
    created_at: rollout.created_at.toISOString(),
    phase_at: rollout.phase_at.toISOString(),
    ended_at: rollout.ended_at?.toISOString() ?? null,
  };
}
