import { AppError } from '@demeter/common/errors';
import { Counter, Gauge } from 'prom-client';
import type { CoreContext } from '../context.ts';
import type { Transaction } from '../db/database.ts';
import { errorOf } from '../http/error-response.ts';
import { publishPhoto } from '../photos/photo-event.ts';
import { type ActivePipelineStore, readActive } from '../pipelines/active-pipeline.ts';
import { judge, toEvidence } from '../pipelines/rollout-rules.ts';
import { countBooking } from '../stock/book-waiting.ts';
import { type Rescued, rescuePhotos } from './rescue-photos.ts';
import { lockRollout, type Rollout, readPairs, readRollouts } from './rollout-queries.ts';
import {
  type Author,
  type Change,
  changeRollout,
  type NewRollout,
  startRollout,
} from './rollouts.ts';

/** Photos are judged so often; any core may do it, one at a time does. */
const LOOK_MS = 5_000;

export interface KeeperOptions {
  readonly context: Pick<CoreContext, 'db' | 'events' | 'log' | 'metrics' | 'organisationId'>;
  readonly pipelines: ActivePipelineStore;
  /** Runs were queued, or another model is needed. */
  readonly wake: () => void;
}

/** Starts, judges, promotes and rolls back; what it decided is told after the commit. */
export class RolloutKeeper {
  readonly #options: KeeperOptions;
  readonly #changes: Counter<'state'>;
  readonly #open: Gauge;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    const registers = [options.context.metrics.registry];
    this.#changes = new Counter({
      name: 'demeter_rollout_changes_total',
      help: 'Rollouts of a model version that were started, advanced, promoted or rolled back.',
      labelNames: ['state'],
      registers,
    });
    this.#open = new Gauge({
      name: 'demeter_rollout_open',
      help: '1: a new model version is tried on a part of the photos.',
      registers,
    });
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#looking ??= this.look()
        .catch((error: unknown) => {
          this.#options.context.log.debug({ err: errorOf(error) }, 'no rollout is judged now');
        })
        .finally(() => {
          this.#looking = undefined;
        });
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Throws what `startRollout` throws. */
  async begin(author: Author, given: NewRollout): Promise<Rollout> {
    const { db, organisationId } = this.#options.context;
    const id = await db.transaction().execute((trx) => startRollout(trx, author, given));
    return await this.#tell(await this.#one(organisationId, id));
  }

  /** A person's decision. Throws NOT_FOUND, CONFLICT. */
  async change(author: Author, id: string, change: Change): Promise<Rollout> {
    const { db } = this.#options.context;
    const { organisationId } = author;
    const rescued = await db.transaction().execute(async (trx) => {
      if (!(await lockRollout(trx, organisationId, id))) throw notThere();
      const [rollout] = await readRollouts(trx, organisationId, { id });
      if (!rollout) throw notThere();
      await changeRollout(trx, author, rollout, change);
      if (change.to !== 'rolled_back') return [];
      return await rescuePhotos(trx, organisationId, { id, rolledBack: true });
    });
    const changed = await this.#tell(await this.#one(organisationId, id));
    await this.#tellPhotos(rescued);
    return changed;
  }

  /** Judges the open rollout by what was seen so far, and does what follows from it. */
  async look(): Promise<void> {
    const { db, organisationId } = this.#options.context;
    const [open] = await readRollouts(db, organisationId, { open: true });
    this.#open.set(open ? 1 : 0);
    if (!open) return;
    const { changed, rescued } = await db.transaction().execute(async (trx) => {
      if (!(await lockRollout(trx, organisationId, open.id, true))) return NOTHING;
      const [rollout] = await readRollouts(trx, organisationId, { id: open.id, open: true });
      return rollout ? await this.#judge(trx, rollout) : NOTHING;
    });
    if (changed) await this.#tell(await this.#one(organisationId, open.id));
    await this.#tellPhotos(rescued);
  }

  async #judge(trx: Transaction, rollout: Rollout): Promise<Looked> {
    const { organisationId, log } = this.#options.context;
    const { id, state, thresholds } = rollout;
    const phase = state === 'shadow' ? 'shadow' : 'canary';
    const evidence = toEvidence(await readPairs(trx, organisationId, rollout), phase, thresholds);
    const active = await readActive(trx, organisationId);
    // It is compared with what counts, or it says nothing.
    const judged = active?.digest.equals(rollout.stable)
      ? judge(evidence, thresholds)
      : { verdict: 'fail' as const, reason: 'another pipeline was activated meanwhile' };
    const { verdict, reason } = judged;
    await trx
      .updateTable('rollouts')
      .set({ evidence: JSON.stringify(evidence), verdict, reason })
      .where('organisation_id', '=', organisationId)
      .where('id', '=', id)
      .execute();
    const to = nextState(rollout, verdict);
    if (to !== null) {
      log.warn({ rollout: id, model: rollout.model, from: state, to, reason }, 'rollout changed');
      await changeRollout(trx, { organisationId, actor: 'system' }, rollout, { to, reason });
    }
    if (state !== 'canary') return { changed: to !== null, rescued: [] };
    const rolledBack = to === 'rolled_back';
    const rescued = await rescuePhotos(trx, organisationId, { id, rolledBack });
    return { changed: to !== null, rescued };
  }

  async #one(organisationId: string, id: string): Promise<Rollout> {
    const [rollout] = await readRollouts(this.#options.context.db, organisationId, { id });
    if (!rollout) throw notThere();
    return rollout;
  }

  async #tell(rollout: Rollout): Promise<Rollout> {
    const { pipelines, wake, context } = this.#options;
    const { id, model, state } = rollout;
    pipelines.forget();
    this.#open.set(state === 'shadow' || state === 'canary' ? 1 : 0);
    this.#changes.inc({ state });
    const { organisationId } = context;
    context.events.publish({ type: 'rollout', organisationId, data: { id, model, state } });
    wake();
    return rollout;
  }

  async #tellPhotos(rescued: readonly Rescued[]): Promise<void> {
    const { context } = this.#options;
    for (const { sha256, booking } of rescued) {
      if (booking) countBooking(context, booking);
      await publishPhoto(context, context.organisationId, sha256);
    }
    if (rescued.length > 0) this.#options.wake();
  }
}

interface Looked {
  readonly changed: boolean;
  readonly rescued: readonly Rescued[];
}

const NOTHING: Looked = { changed: false, rescued: [] };

function nextState(
  { state, auto_promote }: Rollout,
  verdict: 'wait' | 'pass' | 'fail',
): Change['to'] | null {
  if (verdict === 'fail') return 'rolled_back';
  if (verdict === 'wait') return null;
  if (state === 'shadow') return 'canary';
  return auto_promote ? 'promoted' : null;
}

function notThere(): AppError {
  return new AppError('NOT_FOUND', 'There is no such rollout.', { field: 'id' });
}
