import type { Policies } from '@demeter/common/edge-configuration/schema';
import type { AppliedPolicy } from '../buffer/kept.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { EffectivePolicies } from '../tuning.ts';

/** From the one that sends the most: of several reasons the most generous policy counts. */
const WAYS = ['now', 'later', 'thumbnail', 'hold'] as const;

/**
 * The policy for a verdict. A reason without a policy of its own falls under its verdict's. A
 * photo without a verdict is sent, whatever the policies say: nobody has looked at it.
 */
export function applyPolicy(verdict: Verdict | null, policies: EffectivePolicies): AppliedPolicy {
  if (verdict === null) return { name: 'good', forward: 'now' };
  const { result, reasons } = verdict;
  const names: (keyof Policies)[] = reasons.map(({ code }) => (policies[code] ? code : result));
  const applied = (names.length > 0 ? names : [result]).map(
    (name): AppliedPolicy => ({ name, ...(policies[name] ?? policies.poor) }),
  );
  return applied.reduce((best, next) => (isMoreGenerous(next, best) ? next : best));
}

function isMoreGenerous(a: AppliedPolicy, b: AppliedPolicy): boolean {
  const by = WAYS.indexOf(a.forward) - WAYS.indexOf(b.forward);
  return by !== 0 ? by < 0 : keepsFor(a) > keepsFor(b);
}

function keepsFor({ forward, keep_days }: AppliedPolicy): number {
  const unsaid = forward === 'now' || forward === 'later' ? 0 : Number.POSITIVE_INFINITY;
  return keep_days ?? unsaid;
}

/** Lanes of sending (forward/backlog.ts): what is sent later comes after all that is sent now. */
export function laneOf({ forward }: AppliedPolicy): number {
  return forward === 'now' ? 2 : 4;
}
