/** How a new version has done on the photos that both versions counted; plain numbers, so that the
 * decision can be read, tested and shown. */

/** One photo that both pipelines were asked to count. */
export interface Pair {
  readonly stable: Side;
  readonly candidate: Side;
  /** Since the first of the two ended and the other's turn had come; 0 before. */
  readonly waitedMs: number;
}

export interface Side {
  readonly state: 'waiting' | 'completed' | 'failed';
  readonly detected: number | null;
  /** Milliseconds of work at the server, without the time in its queue. */
  readonly workMs: number | null;
}

/** What is tolerated. Shares and ratios are plain numbers: 0.02 is 2 %. */
export interface Thresholds {
  /** Failed photos beyond the share that fails with the stable version too. */
  readonly failed_share_max: number;
  /** Photos without an answer in time, or found empty where the stable version found plants. */
  readonly missing_share_max: number;
  /** Median of the candidate's time by the stable version's, of the same photo. */
  readonly latency_ratio_max: number;
  /** Plants in all, more or fewer than the stable version's. */
  readonly drift_max: number;
  /** Sum of each photo's difference, so that too many here and too few there do not cancel out. */
  readonly spread_max: number;
  /** Photos that both have counted before latency and counts are judged; before it has passed. */
  readonly samples_min: number;
  readonly samples_pass: number;
  /** An answer that is later than this after the other one is missing; in the shadow ten times. */
  readonly patience_ms: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  failed_share_max: 0.02,
  missing_share_max: 0.02,
  latency_ratio_max: 1.5,
  drift_max: 0.1,
  spread_max: 0.25,
  samples_min: 30,
  samples_pass: 100,
  // Three photos that nobody answers, and a version is rolled back within five minutes.
  patience_ms: 180_000,
};

/** In the shadow nobody waits for the answer, and its lane is the last. */
const SHADOW_PATIENCE = 10;

/** A photo on which the stable version finds at least so many is not empty. */
const PLANTS_SURE = 5;
/** Fewer than this many failures are accidents, whatever their share. */
const FAILURES_MIN = 3;
/** One-sided 95 %. */
const Z = 1.645;

export interface Evidence {
  readonly photos: number;
  /** Counted by both. */
  readonly compared: number;
  readonly stable_failed: number;
  readonly candidate_failed: number;
  /** No answer of the candidate in time. */
  readonly missing: number;
  /** No plant found where the stable version found some. */
  readonly empty: number;
  readonly stable_plants: number;
  readonly candidate_plants: number;
  /** Sum of each photo's absolute difference. */
  readonly difference: number;
  /** Median; null while nothing is compared. */
  readonly latency_ratio: number | null;
}

/** Adds up what was seen in one phase. Pure. */
export function toEvidence(
  pairs: readonly Pair[],
  phase: 'shadow' | 'canary',
  { patience_ms }: Thresholds,
): Evidence {
  const patienceMs = phase === 'shadow' ? SHADOW_PATIENCE * patience_ms : patience_ms;
  const compared = pairs.filter(
    ({ stable, candidate }) => stable.state === 'completed' && candidate.state === 'completed',
  );
  const count = (found: (pair: Pair) => boolean) => pairs.filter(found).length;
  const sum = (value: (pair: Pair) => number) =>
    compared.reduce((total, pair) => total + value(pair), 0);
  const plants = ({ detected }: Side) => detected ?? 0;
  return {
    photos: pairs.length,
    compared: compared.length,
    stable_failed: count(({ stable }) => stable.state === 'failed'),
    // What the stable version cannot count either is the photo's fault.
    candidate_failed: count(
      ({ stable, candidate }) => candidate.state === 'failed' && stable.state !== 'failed',
    ),
    missing: count(
      ({ stable, candidate, waitedMs }) =>
        candidate.state === 'waiting' && stable.state === 'completed' && waitedMs > patienceMs,
    ),
    empty: compared.filter(
      ({ stable, candidate }) => plants(stable) >= PLANTS_SURE && plants(candidate) === 0,
    ).length,
    stable_plants: sum(({ stable }) => plants(stable)),
    candidate_plants: sum(({ candidate }) => plants(candidate)),
    difference: sum(({ stable, candidate }) => Math.abs(plants(stable) - plants(candidate))),
    latency_ratio: median(
      compared.flatMap(({ stable, candidate }) =>
        stable.workMs && candidate.workMs ? [candidate.workMs / stable.workMs] : [],
      ),
    ),
  };
}

export interface Judgement {
  /** `wait`: too little was seen. `fail`: it must be rolled back. */
  readonly verdict: 'wait' | 'pass' | 'fail';
  readonly reason: string;
}

/**
 * Whether a new version may go on. Failures and missing answers are judged by the lower end of
 * their share's interval (Wilson, one-sided 95 %), so that few photos suffice where much is wrong and one
 * accident does not; latency and counts once enough photos were compared. Pure.
 */
export function judge(evidence: Evidence, limits: Thresholds): Judgement {
  const fail = (reason: string): Judgement => ({ verdict: 'fail', reason });
  const { photos, compared, candidate_failed: failed, missing, empty } = evidence;
  if (isBeyond(failed, photos, limits.failed_share_max)) {
    return fail(`errors: ${failed} of ${photos} photos fail that the stable version counts`);
  }
  if (isBeyond(missing + empty, photos, limits.missing_share_max)) {
    return fail(`missing data: ${missing} of ${photos} photos unanswered, ${empty} found empty`);
  }
  if (compared < limits.samples_min) {
    return { verdict: 'wait', reason: soFar(compared, limits) };
  }
  const { latency_ratio: ratio, stable_plants: stable, candidate_plants: found } = evidence;
  if (ratio !== null && ratio > limits.latency_ratio_max) {
    return fail(`latency: ${ratio.toFixed(2)} times the stable version's`);
  }
  const drift = (found - stable) / Math.max(1, stable);
  if (Math.abs(drift) > limits.drift_max) {
    return fail(`count drift: ${percent(drift)} in all over ${compared} photos`);
  }
  const spread = evidence.difference / Math.max(1, stable);
  if (spread > limits.spread_max) {
    return fail(`count drift: photos differ by ${percent(spread)} of their plants`);
  }
  if (compared < limits.samples_pass) {
    return { verdict: 'wait', reason: soFar(compared, limits) };
  }
  return { verdict: 'pass', reason: `${compared} photos compared, ${percent(drift)} plants` };
}

function soFar(compared: number, { samples_min: from, samples_pass }: Thresholds): string {
  return `${compared} photos compared; judged from ${from}, passes at ${Math.max(from, samples_pass)}`;
}

/** Whether a photo takes part: the same photos in every core, and more of them as it grows. Pure. */
export function isSampled(sha256: Uint8Array, share: number): boolean {
  const view = new DataView(sha256.buffer, sha256.byteOffset, sha256.byteLength);
  return (view.getUint32(0) / 2 ** 32) * 100 < share;
}

/** Surely more than `max` of all: the lower end of Wilson's interval says so. */
function isBeyond(hits: number, all: number, max: number): boolean {
  if (hits < FAILURES_MIN) return false;
  const share = hits / all;
  const z2 = Z * Z;
  const centre = share + z2 / (2 * all);
  const margin = Z * Math.sqrt((share * (1 - share) + z2 / (4 * all)) / all);
  return (centre - margin) / (1 + z2 / all) > max;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return null;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}
