import { AppError } from '@demeter/common/errors';
import { isUuid } from '@demeter/common/ids';
import type {
  ReprocessHandlers,
  ReprocessOptions__Output,
  ReprocessPlan,
  ReprocessPlanPhotosRequest__Output,
} from '@demeter/proto';
import type { UserPrincipal } from '../auth/principal.ts';
import { titleOf } from '../pipelines/pipeline.ts';
import { choosePipeline } from '../reprocess/choose-pipeline.ts';
import { type ChosenPhotos, resolveFilter } from '../reprocess/chosen-photos.ts';
import { compare } from '../reprocess/compare.ts';
import type { ReprocessContext } from '../reprocess/context.ts';
import { command, startReprocessing } from '../reprocess/control.ts';
import { follow, promoted, watch } from '../reprocess/follow.ts';
import { parseLimits } from '../reprocess/limits.ts';
import { measurePlan, type NewPlan, openPlan, type PlanFigures } from '../reprocess/plan.ts';
import { addPlanPhotos } from '../reprocess/plan-photos.ts';
import { countProposals } from '../reprocess/promote.ts';
import { listReprocessings, readReprocessing, toMessage } from '../reprocess/reprocessing.ts';
import { clientStream, serverStream, unary } from './calls.ts';
import { processHandler } from './process.ts';

const LIST_DEFAULT = 50;
const LIST_MAX = 500;
const NAME_LENGTH_MAX = 200;

/** `demeter.v1.Reprocess` on top of reprocess/. Who calls has been let in by callers.ts. */
export function reprocessHandlers(context: ReprocessContext): ReprocessHandlers {
  const { db, reprocessor, own, organisationId } = context;
  const refOf = (request: { readonly reprocessing_id: string }) => ({
    organisationId,
    id: request.reprocessing_id,
  });
  const commanded = (name: Parameters<typeof command>[2]['name']) =>
    unary(context, async (request: { reprocessing_id: string }, { caller: { actor } }) => {
      const row = await command(db, refOf(request), { name, actor });
      reprocessor.wake();
      return { reprocessing: toMessage(row) };
    });
  return {
    Plan: unary(context, async ({ filter, options }, { caller, signal }) => {
      const chosen = filter ? await resolveFilter(db, organisationId, filter) : {};
      const plan = await toPlan(context, caller, options, chosen);
      const { id } = await openPlan(db, plan);
      return { plan: toPlanMessage(await measurePlan(db, plan, id, signal)) };
    }),
    PlanPhotos: clientStream(context, async (requests, caller) => {
      return await planPhotos(context, caller, requests);
    }),
    Start: unary(context, async ({ plan_id: planId, name }, { caller: { actor } }) => {
      if (name.length > NAME_LENGTH_MAX) {
        throw new AppError('INVALID_INPUT', `A name has at most ${NAME_LENGTH_MAX} characters.`, {
          field: 'name',
        });
      }
      const now = new Date(context.clock.now());
      const row = await startReprocessing(db, { organisationId, planId, name, actor, now });
      reprocessor.wake();
      return { reprocessing: toMessage(row) };
    }),
    Get: unary(context, async (request) => ({
      reprocessing: toMessage(await readReprocessing(db, refOf(request))),
    })),
    List: unary(context, async ({ limit, after }) => {
      if (after !== '' && !isUuid(after)) {
        throw new AppError('INVALID_INPUT', 'This is no id.', { field: 'after' });
      }
      const rows = await listReprocessings(db, organisationId, {
        limit: Math.min(limit || LIST_DEFAULT, LIST_MAX),
        ...(after === '' ? {} : { after }),
      });
      return { reprocessings: rows.map(toMessage) };
    }),
    Pause: commanded('pause'),
    Resume: commanded('resume'),
    Cancel: commanded('cancel'),
    Promote: unary(context, async (request, { caller: { actor }, signal }) => {
      const ref = refOf(request);
      await command(db, ref, { name: 'promote', actor });
      reprocessor.wake();
      const row = await promoted(context, ref, signal);
      const { unchanged, refused } = row;
      const proposals = await countProposals(db, ref);
      return { reprocessing: toMessage(row), proposals, unchanged, refused };
    }),
    Discard: commanded('discard'),
    Compare: serverStream(context, async function* (request) {
      const ref = refOf(request);
      await readReprocessing(db, ref);
      yield* compare(db, ref, { by: request.by, changedOnly: request.changed_only });
    }),
    Watch: serverStream(context, async function* (request, { signal }) {
      for await (const reprocessing of watch(context, refOf(request), signal)) {
        yield { reprocessing };
      }
    }),
    Results: serverStream(context, (request, { signal }) => {
      const { after, detections, no_wait: noWait } = request;
      return follow(context, refOf(request), { after, detections, noWait }, signal);
    }),
    Process: processHandler({
      own,
      choose: (options) => choosePipeline(options, context.pipelines, context.offered()),
      keep: context.keep,
      stopping: context.stopping,
    }),
  };
}

async function planPhotos(
  context: ReprocessContext,
  caller: UserPrincipal,
  requests: AsyncIterable<ReprocessPlanPhotosRequest__Output>,
) {
  const { db, organisationId } = context;
  let plan: NewPlan | undefined;
  let planId = '';
  let unknown = 0;
  for await (const { options, photos } of requests) {
    if (!plan) {
      if (!options) throw new AppError('INVALID_INPUT', 'The options come first.');
      plan = await toPlan(context, caller, options, null);
      planId = (await openPlan(db, plan)).id;
    } else if (photos) {
      unknown += await addPlanPhotos(db, { organisationId, planId }, photos.sha256s);
    } else {
      throw new AppError('INVALID_INPUT', 'The options come once.');
    }
  }
  if (!plan) throw new AppError('INVALID_INPUT', 'The options come first.');
  return { plan: toPlanMessage(await measurePlan(db, plan, planId)), unknown };
}

const NO_OPTIONS: ReprocessOptions__Output = {
  model: '',
  tiling: '',
  server_minutes_max: 0,
  deadline: '',
  hours: '',
  time_zone: '',
  masks: false,
};

async function toPlan(
  { pipelines, offered, clock, organisationId }: ReprocessContext,
  { actor }: UserPrincipal,
  given: ReprocessOptions__Output | null,
  chosen: ChosenPhotos | null,
): Promise<NewPlan> {
  const options = given ?? NO_OPTIONS;
  if (options.masks) {
    throw new AppError('INVALID_INPUT', 'Counts that are stored have no place for masks.', {
      field: 'masks',
    });
  }
  const limits = parseLimits(options);
  const definition = await choosePipeline(options, pipelines, offered());
  return { organisationId, actor, definition, limits, chosen, now: new Date(clock.now()) };
}

function toPlanMessage(plan: PlanFigures): ReprocessPlan {
  return {
    plan_id: plan.id,
    pipeline_digest: plan.digest,
    model: titleOf(plan.definition),
    photos: plan.photos,
    in_store: plan.inStore,
    counted_already: plan.countedAlready,
    tiles: plan.tiles,
    server_minutes: plan.serverMinutes,
    places: plan.places,
    expires_at: plan.expiresAt.toISOString(),
    notes: [...plan.notes],
  };
}
