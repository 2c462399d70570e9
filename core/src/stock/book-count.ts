import { newId } from '@demeter/common/ids';
import type { Transaction } from '../db/database.ts';
import { batchCodePrefix, nextBatchCode } from './batch-code.ts';
import { planBooking } from './booking-plan.ts';
import { type CountedSession, readCountedSession } from './counted-session.ts';
import { type LockedPlace, lockBatches, lockPlace } from './locks.ts';
import { type PlaceConfig, readPlaceConfig } from './place-config.ts';
import { writeProposals } from './propose.ts';
import { takeBackElsewhere } from './take-back.ts';
import { type PhotoOrigin, writeMovement } from './write-movement.ts';

/** What became of a count: booked, proposed, or waiting for somebody. */
export type BookingOutcome =
  /** Nobody knows the place yet. */
  | { readonly state: 'needs_location' }
  /** The place does not say what stands there. */
  | { readonly state: 'needs_config' }
  | {
      readonly state: 'completed';
      /** `none`: the count agrees with the stock; `unchanged`: was booked before. */
      readonly booked: 'baseline' | 'proposal' | 'none' | 'unchanged';
      readonly batchId: string | null;
      readonly batchCode: string | null;
    };

export interface BookCountInput {
  readonly organisationId: string;
  readonly photoSessionId: string;
}

/**
 * Books what the session's current run counted, in the caller's transaction: classification,
 * baseline movement and batch, or proposals where stock stands already; then sets the session's
 * state. The run must be completed and its detections written. Doing it again changes nothing.
 * A session whose place was corrected is taken back where it was booked before.
 * Throws STOCK_BELOW_ZERO where that cannot be taken back any more, and INTERNAL where sums
 * disagree: then nothing may be written.
 */
export async function bookCount(
  trx: Transaction,
  { organisationId, photoSessionId }: BookCountInput,
): Promise<BookingOutcome> {
  const session = await readCountedSession(trx, organisationId, photoSessionId);
  const { locationId } = session;
  if (locationId === null) return await wait(trx, session, 'needs_location');
  const place = await lockPlace(trx, organisationId, locationId);
  await takeBackElsewhere(trx, session, locationId);
  const config = await readPlaceConfig(trx, organisationId, locationId);
  if (!config) return await wait(trx, session, 'needs_config');
  if (session.bookedLocationId === locationId) {
    await setState(trx, session, 'completed');
    const batch = await configuredBatch(trx, session, config);
    return completed('unchanged', batch);
  }
  await classify(trx, session, config);
  const outcome = await book(trx, session, place, config);
  await setState(trx, session, 'completed');
  return outcome;
}

async function book(
  trx: Transaction,
  session: CountedSession,
  place: LockedPlace,
  config: PlaceConfig,
): Promise<BookingOutcome> {
  const { organisationId } = session;
  const ids = await trx
    .selectFrom('stock_batches')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('storage_location_id', '=', place.id)
    .execute();
  const batches =
    ids.length === 0
      ? []
      : await lockBatches(
          trx,
          organisationId,
          ids.map((one) => one.id),
        );
  const plan = planBooking(
    session.detected,
    batches.map((batch) => ({
      id: batch.id,
      current: batch.quantity_current,
      configured: isConfigured(batch, config),
    })),
  );
  const origin = originOf(session, config);
  await writeProposals(trx, session, plan.proposals);
  if (plan.baseline !== null) {
    return await writeBaseline(trx, { session, place, config, origin, quantity: plan.baseline });
  }
  const batch = await configuredBatch(trx, session, config);
  return completed(plan.proposals.length > 0 ? 'proposal' : 'none', batch);
}

interface Baseline {
  readonly session: CountedSession;
  readonly place: LockedPlace;
  readonly config: PlaceConfig;
  readonly origin: PhotoOrigin;
  readonly quantity: number;
}

async function writeBaseline(trx: Transaction, baseline: Baseline): Promise<BookingOutcome> {
  const { session, place, config, origin, quantity } = baseline;
  const { organisationId, takenAt } = session;
  const prefix = batchCodePrefix({
    locationCode: place.code,
    sku: config.sku,
    at: takenAt,
    timezone: place.timezone,
  });
  const batch = { id: newId(), code: await nextBatchCode(trx, organisationId, prefix) };
  await trx
    .insertInto('stock_batches')
    .values({
      organisation_id: organisationId,
      ...batch,
      storage_location_id: place.id,
      product_id: config.product_id,
      product_state_id: config.product_state_id,
      packaging_id: config.packaging_id,
      quantity_initial: quantity,
    })
    .execute();
  await writeMovement(trx, {
    organisationId,
    batchId: batch.id,
    kind: 'photo',
    quantity,
    occurredAt: takenAt,
    createdBy: 'system',
    origin,
  });
  const [written] = await lockBatches(trx, organisationId, [batch.id]);
  if (written?.quantity_current !== session.detected) {
    throw new Error(`batch ${batch.code} does not hold what was counted`);
  }
  return completed('baseline', batch);
}

function originOf(session: CountedSession, config: PlaceConfig): PhotoOrigin {
  const { photoSessionId, runId, sha256, pipelineDigest } = session;
  return { photoSessionId, runId, sha256, pipelineDigest, configId: config.id };
}

/** A batch is what the place is configured for; a packaging that is not configured may be any. */
function isConfigured(
  batch: { readonly product_id: string; readonly packaging_id: string | null },
  config: PlaceConfig,
): boolean {
  if (batch.product_id !== config.product_id) return false;
  return config.packaging_id === null || batch.packaging_id === config.packaging_id;
}

async function configuredBatch(trx: Transaction, session: CountedSession, config: PlaceConfig) {
  const batches = await trx
    .selectFrom('stock_batches')
    .select(['id', 'code', 'product_id', 'packaging_id'])
    .where('organisation_id', '=', session.organisationId)
    .where('storage_location_id', '=', session.locationId)
    .orderBy('quantity_current', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return batches.find((batch) => isConfigured(batch, config));
}

function completed(
  booked: 'baseline' | 'proposal' | 'none' | 'unchanged',
  batch: { readonly id: string; readonly code: string } | undefined,
): BookingOutcome {
  return {
    state: 'completed',
    booked,
    batchId: batch?.id ?? null,
    batchCode: batch?.code ?? null,
  };
}

async function wait(
  trx: Transaction,
  session: CountedSession,
  state: 'needs_location' | 'needs_config',
): Promise<BookingOutcome> {
  await setState(trx, session, state);
  return { state };
}

async function setState(
  trx: Transaction,
  session: CountedSession,
  state: 'needs_location' | 'needs_config' | 'completed',
): Promise<void> {
  await trx
    .updateTable('photo_sessions')
    .set({ state, error_code: null, error_message: null, updated_at: new Date() })
    .where('organisation_id', '=', session.organisationId)
    .where('id', '=', session.photoSessionId)
    .execute();
}

/**
 * What the photo's plants are taken for. Confidence 1: a person configured it, no model guessed.
 * Its row also marks that the run was booked, and by which configuration.
 */
async function classify(
  trx: Transaction,
  session: CountedSession,
  config: PlaceConfig,
): Promise<void> {
  const taken = {
    storage_location_config_id: config.id,
    product_id: config.product_id,
    product_state_id: config.product_state_id,
    packaging_id: config.packaging_id,
    confidence: 1,
  };
  await trx
    .insertInto('classifications')
    .values({ organisation_id: session.organisationId, run_id: session.runId, ...taken })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'run_id']).doUpdateSet(taken))
    .execute();
}
