/**
 * What a count means for the batches that stand at its place. Pure: the caller has locked the
 * place and read its batches.
 */

export interface StandingBatch {
  readonly id: string;
  readonly current: number;
  /** True where it is what the place's configuration says stands there. */
  readonly configured: boolean;
}

export interface PlannedProposal {
  readonly batchId: string;
  /** Plants that the batch would hold. */
  readonly counted: number;
  readonly current: number;
}

export interface BookingPlan {
  /** Plants of a first batch; null where one stands already, or nothing was counted. */
  readonly baseline: number | null;
  readonly proposals: readonly PlannedProposal[];
}

/**
 * The first count of what is configured here is a baseline; a later one only proposes, so that
 * the batches would add up to it. More plants go to the largest batch, fewer come off the largest
 * first. What stands here and is configured no longer is proposed away: the photo shows one stand.
 */
export function planBooking(counted: number, batches: readonly StandingBatch[]): BookingPlan {
  const configured = batches.filter((batch) => batch.configured);
  const others = batches.filter((batch) => !batch.configured && batch.current > 0);
  const leaving = others.map((batch) => toProposal(batch, 0));
  if (configured.length === 0) {
    return { baseline: counted > 0 ? counted : null, proposals: leaving };
  }
  return { baseline: null, proposals: [...spread(counted, configured), ...leaving] };
}

function spread(counted: number, batches: readonly StandingBatch[]): PlannedProposal[] {
  const largestFirst = [...batches].sort((a, b) => b.current - a.current || (a.id < b.id ? 1 : -1));
  const sum = batches.reduce((total, batch) => total + batch.current, 0);
  let difference = counted - sum;
  const proposals: PlannedProposal[] = [];
  for (const batch of largestFirst) {
    if (difference === 0) break;
    const change = Math.max(difference, -batch.current);
    if (change === 0) continue;
    proposals.push(toProposal(batch, batch.current + change));
    difference -= change;
  }
  return proposals;
}

function toProposal(batch: StandingBatch, counted: number): PlannedProposal {
  return { batchId: batch.id, counted, current: batch.current };
}
