import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import { writeAudit } from '../audit.ts';
import type { Transaction } from '../db/database.ts';
import { readActive } from '../pipelines/active-pipeline.ts';
import {
  compareVersions,
  modelsOf,
  type OfferedModel,
  type PipelineDefinition,
  pipelineDigest,
  toDefinition,
} from '../pipelines/pipeline.ts';
import type { Thresholds } from '../pipelines/rollout-rules.ts';
import { withdrawRuns } from './rescue-photos.ts';
import { type Rollout, type RolloutState, readRollouts, triedModels } from './rollout-queries.ts';

/**
 * A new version of a model on its way, one at a time:
 *
 *   shadow ──passed──► canary ──passed or a person──► promoted
 *      │                  │                              │
 *      └──failed, person──┴────────────a person──────────┴──► rolled_back
 *
 * shadow: a share of the photos is counted by both; the stable version's count is shown and booked.
 * canary: the same, and the new version's count is shown and booked.
 * promoted: its pipeline is the active one. rolled_back: the stable one is.
 * Every change is one transaction with its audit entry; the row's lock makes cores take turns.
 */
const MAY_BECOME: Readonly<Record<RolloutState, readonly RolloutState[]>> = {
  shadow: ['canary', 'promoted', 'rolled_back'],
  canary: ['promoted', 'rolled_back'],
  promoted: ['rolled_back'],
  rolled_back: [],
};

/** A pipeline that never was the active one: read by nobody who asks for that. */
const NEVER_ACTIVE = new Date(0);

export interface Author {
  readonly organisationId: string;
  /** "user:<id>" or "system". */
  readonly actor: string;
}

export interface NewRollout {
  readonly stable: { readonly digest: Buffer; readonly definition: PipelineDefinition };
  readonly model: OfferedModel;
  readonly phase: 'shadow' | 'canary';
  readonly percent: number;
  readonly autoPromote: boolean;
  readonly thresholds: Thresholds;
}

/** Starts a rollout. Throws CONFLICT where one is open, or the model counts already. */
export async function startRollout(
  trx: Transaction,
  { organisationId, actor }: Author,
  given: NewRollout,
): Promise<string> {
  const { stable, model } = given;
  const [open] = await readRollouts(trx, organisationId, { open: true });
  if (open) {
    throw new AppError('CONFLICT', `A rollout of ${open.model} is under way.`, {
      hint: 'Promote it or roll it back first.',
    });
  }
  // Of an ensemble the others stay as they are.
  const others = modelsOf(stable.definition).filter(({ name }) => name !== model.name);
  const definition = toDefinition([...others, model], stable.definition.tiling);
  const candidate = pipelineDigest(definition);
  if (candidate.equals(stable.digest)) {
    throw new AppError('CONFLICT', `${nameOf(model)} counts already.`, {
      hint: 'Name another version.',
    });
  }
  await trx
    .insertInto('pipelines')
    .values({
      organisation_id: organisationId,
      digest: candidate,
      definition: JSON.stringify(definition),
      activated_at: NEVER_ACTIVE,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'digest']).doNothing())
    .execute();
  await holdModel(trx, organisationId, model, 'rollout');
  const id = newId();
  await trx
    .insertInto('rollouts')
    .values({
      organisation_id: organisationId,
      id,
      model: nameOf(model),
      stable_digest: stable.digest,
      candidate_digest: candidate,
      state: given.phase,
      percent: given.percent,
      auto_promote: given.autoPromote,
      thresholds: JSON.stringify(given.thresholds),
      created_by: actor,
    })
    .execute();
  const after = { model: nameOf(model), state: given.phase, percent: given.percent };
  await audit(trx, { organisationId, actor }, 'start', { id, after });
  return id;
}

export interface Change {
  readonly to: RolloutState;
  readonly reason: string;
}

/** Moves a rollout on, whose row the caller has locked. Throws CONFLICT where it may not. */
export async function changeRollout(
  trx: Transaction,
  author: Author,
  rollout: Rollout,
  { to, reason }: Change,
): Promise<void> {
  const { organisationId } = author;
  if (!MAY_BECOME[rollout.state].includes(to)) {
    const was = rollout.state.replace('_', ' ');
    throw new AppError('CONFLICT', `The rollout of ${rollout.model} is ${was}.`);
  }
  const active = await readActive(trx, organisationId);
  if (rollout.state === 'promoted' && !active?.digest.equals(rollout.candidate)) {
    throw new AppError('CONFLICT', `${rollout.model} does not count any more.`, {
      hint: 'Roll back the version that does, or promote another one.',
    });
  }
  const { candidate, stable } = triedModels(rollout);
  if (to === 'promoted') {
    await activate(trx, organisationId, rollout.candidate);
    await releaseModel(trx, organisationId, candidate);
    // Else the higher version would be taken again, because it is there.
    if (stable && compareVersions(stable.version, candidate.version) > 0) {
      await holdModel(trx, organisationId, stable, 'superseded');
    }
  }
  if (to === 'rolled_back') {
    await holdModel(trx, organisationId, candidate, 'rolled_back');
    if (stable) await releaseModel(trx, organisationId, stable);
    if (rollout.state === 'promoted') await activate(trx, organisationId, rollout.stable);
    await withdrawRuns(trx, organisationId, rollout.id);
  }
  await trx
    .updateTable('rollouts')
    .set({
      state: to,
      reason,
      phase_at: sql<Date>`now()`,
      ended_at: to === 'canary' ? null : sql<Date>`now()`,
      // Of the phase that begins nothing was seen yet; of the one that ended it is kept.
      ...(to === 'canary' ? { evidence: null, verdict: null } : {}),
    })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', rollout.id)
    .execute();
  const [before, after] = [{ state: rollout.state }, { state: to, reason }];
  await audit(trx, author, to, { id: rollout.id, before, after });
}

/** Keeps a file from being chosen by itself. */
export async function holdModel(
  trx: Transaction,
  organisationId: string,
  { name, version, digest }: OfferedModel,
  reason: 'uploaded' | 'rollout' | 'rolled_back' | 'superseded',
): Promise<void> {
  await trx
    .insertInto('held_models')
    .values({ organisation_id: organisationId, name, version, digest, reason })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'name', 'version', 'digest']).doUpdateSet({ reason }),
    )
    .execute();
}

async function releaseModel(
  trx: Transaction,
  organisationId: string,
  { name, version, digest }: OfferedModel,
): Promise<void> {
  await trx
    .deleteFrom('held_models')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .where('version', '=', version)
    .where('digest', '=', digest)
    .execute();
}

async function activate(trx: Transaction, organisationId: string, digest: Buffer): Promise<void> {
  await trx
    .updateTable('pipelines')
    .set({ activated_at: sql<Date>`clock_timestamp()` })
    .where('organisation_id', '=', organisationId)
    .where('digest', '=', digest)
    .execute();
}

async function audit(
  trx: Transaction,
  author: Author,
  what: string,
  { id, ...change }: { readonly id: string; readonly before?: unknown; readonly after: unknown },
): Promise<void> {
  const action = `rollouts.${what}`;
  await writeAudit(trx, { ...author, action, subjectType: 'rollout', subjectId: id, ...change });
}

export function nameOf({ name, version }: { readonly name: string; readonly version: string }) {
  return `${name}/${version}`;
}
