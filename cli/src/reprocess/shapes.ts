/** Messages of the service as the JSON that this command prints: hashes in hex, counts as numbers. */
import type { AnswerOf } from './bulk-client.ts';

type Plan = NonNullable<AnswerOf<'Plan'>['plan']>;
type Reprocessing = NonNullable<AnswerOf<'Get'>['reprocessing']>;
type Found = AnswerOf<'Results'>['found'];

/** One object in pixels of the upright photo. */
export interface FoundObject {
  readonly class: string;
  readonly confidence: number;
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
}

export type PlanShape = ReturnType<typeof toPlan>;
export type ReprocessingShape = ReturnType<typeof toReprocessing>;
export type ComparisonShape = ReturnType<typeof toComparison>;

export function toPlan(plan: Plan) {
  return {
    plan_id: plan.plan_id,
    pipeline_digest: hex(plan.pipeline_digest),
    model: plan.model,
    photos: Number(plan.photos),
    in_store: Number(plan.in_store),
    counted_already: Number(plan.counted_already),
    tiles: Number(plan.tiles),
    server_minutes: plan.server_minutes,
    places: Number(plan.places),
    expires_at: plan.expires_at,
    notes: plan.notes,
  };
}

export function toReprocessing(given: Reprocessing | null) {
  if (!given) throw new Error('the core answered without a reprocessing');
  const counted = Number(given.counted);
  const reused = Number(given.reused);
  const failed = Number(given.failed);
  return {
    id: given.reprocessing_id,
    name: given.name,
    state: given.state.replace(/^STATE_/, '').toLowerCase(),
    reason: given.reason,
    model: given.model,
    pipeline_digest: hex(given.pipeline_digest),
    photos: Number(given.photos),
    done: counted + reused + failed,
    counted,
    reused,
    failed,
    plants_before: Number(given.plants_before),
    plants_after: Number(given.plants_after),
    server_minutes: given.server_minutes,
    created_at: given.created_at,
    ended_at: given.ended_at || null,
  };
}

export function toResult(result: AnswerOf<'Results'>) {
  return {
    cursor: result.cursor,
    sha256: hex(result.sha256),
    run_id: result.run_id || null,
    outcome: result.outcome,
    error_code: result.error_code || null,
    detected: result.detected,
    detected_before: result.detected_before ?? null,
    counts: result.counts,
    ...(result.found ? { found: toFound(result.found) } : {}),
  };
}

export function toComparison(line: AnswerOf<'Compare'>) {
  return {
    key: line.key,
    photos: Number(line.photos),
    before: Number(line.before),
    after: Number(line.after),
    truth: line.truth === undefined || line.truth === null ? null : Number(line.truth),
  };
}

export function toFound(found: NonNullable<Found>): readonly FoundObject[] {
  return found.confidences.map((confidence, index) => ({
    class: found.class_names[found.class_ids[index] ?? 0] ?? '',
    confidence,
    box: found.boxes.slice(4 * index, 4 * index + 4) as unknown as FoundObject['box'],
  }));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
