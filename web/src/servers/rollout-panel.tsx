import type { Rollout } from '../api/shapes.ts';
import { texts } from '../texts.ts';
import { now, timeAgo } from '../ui/time.ts';

/** A new model version on its way: how far it is, and how it does beside the one before. */
export function RolloutPanel({ rollout }: { readonly rollout: Rollout }) {
  const { model, stable_model, state, percent, evidence, verdict, reason, phase_at } = rollout;
  const { title, states, sentence, compared, drift, time, ready } = texts.rollout;
  const known = state in states ? (state as keyof typeof states) : 'shadow';
  const isOpen = state === 'shadow' || state === 'canary';
  const facts = evidence
    ? [
        compared(evidence.compared, rollout.thresholds.samples_pass),
        evidence.stable_plants > 0 && drift(evidence.candidate_plants / evidence.stable_plants - 1),
        evidence.latency_ratio !== null && time(evidence.latency_ratio),
      ]
    : [];
  return (
    <section class="panel rollout" aria-labelledby="rollout-title">
      <div class="server-head">
        <h2 id="rollout-title">{title(model)}</h2>
        <span class={`chip chip-${TONES[state] ?? 'plain'}`}>{states[known]}</span>
      </div>
      <p>{sentence[known](stable_model, percent)}</p>
      {isOpen && evidence && (
        <progress
          max={rollout.thresholds.samples_pass}
          value={Math.min(evidence.compared, rollout.thresholds.samples_pass)}
          aria-label={texts.rollout.progress}
        />
      )}
      {facts.length > 0 && <p class="quiet">{facts.filter(Boolean).join(' · ')}</p>}
      <p class="quiet">
        {[verdict === 'pass' && isOpen && ready, reason, timeAgo(phase_at, now.value)]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </section>
  );
}

const TONES: Readonly<Record<string, string>> = {
  shadow: 'work',
  canary: 'work',
  promoted: 'good',
  rolled_back: 'bad',
};
