import { expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  applied,
  decide,
  failed,
  NOTHING,
  type PulledState,
  passed,
  started,
  stopped,
  worked,
} from './trial.ts';

test('whatever happens: in force is the version on trial or the last good one, and no older one comes back', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('offer' as const), version: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ kind: fc.constantFrom('start', 'stop', 'work', 'pass', 'fail', 'lapse') }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let state: PulledState = NOTHING;
      const bad = new Set<number>();
      for (const one of events) {
        const before = state;
        if (one.kind === 'offer' && 'version' in one) {
          const decision = decide(state, one.version);
          if (decision === 'apply') {
            expect(bad.has(one.version)).toBe(false);
            const isRetry = state.refused?.version === one.version;
            expect(one.version > state.highest || isRetry).toBe(true);
            state = applied(state, one.version);
          }
        } else if (one.kind === 'start') state = started(state);
        else if (one.kind === 'stop') state = stopped(state);
        else if (one.kind === 'work' && state.trial) state = worked(state);
        else if (one.kind === 'pass' && state.trial) state = passed(state);
        else if (one.kind === 'fail') state = failed(state, { reason: 'r', again: false });
        else if (one.kind === 'lapse') state = failed(state, { reason: 'r', again: true });
        // Once it has worked, the box may end as often as it likes.
        if (one.kind === 'start' && before.trial?.worked) expect(state).toEqual(before);
        if (before.trial && !state.trial && state.refused && !state.refused.again) {
          bad.add(state.refused.version);
        }
        expect(state.trial !== null || state.applied === state.good).toBe(true);
        expect(state.highest).toBeGreaterThanOrEqual(before.highest);
        expect(state.highest).toBeGreaterThanOrEqual(state.applied ?? 0);
      }
    }),
  );
});
