import { AppError } from '@demeter/common/errors';
import type { BulkClient } from './bulk-client.ts';
import { planPhotosRequests } from './hashes.ts';
import {
  type CostWords,
  type CountWords,
  type FilterWords,
  toCountOptions,
  toFilter,
} from './request-options.ts';
import { type PlanShape, toPlan } from './shapes.ts';

export interface PlanWords extends FilterWords, CountWords, CostWords {
  /** File of hashes, or `-`. */
  readonly hashes?: string;
}

/** Asks the core what a reprocessing would mean. Throws CoreError, INVALID_INPUT. */
export async function makePlan(client: BulkClient, words: PlanWords): Promise<PlanShape> {
  const options = toCountOptions(words);
  const filter = await toFilter(words);
  if (words.hashes === undefined) {
    const { plan } = await client.ask('Plan', { filter, options });
    return toPlan(plan!);
  }
  if (Object.values(filter).some((value) => value.length > 0)) {
    throw new AppError('INVALID_INPUT', '--hashes names the photos: no other filter goes with it.');
  }
  const answer = await client.planPhotos(planPhotosRequests(words.hashes, options));
  const unknown = Number(answer.unknown);
  const plan = toPlan(answer.plan!);
  const note = `${unknown} of the hashes are no photos here`;
  return unknown > 0 ? { ...plan, notes: [...plan.notes, note] } : plan;
}
