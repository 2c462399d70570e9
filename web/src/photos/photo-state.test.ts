import { describe, expect, test } from 'bun:test';
import { describeState, isUnderWay, matchesFilter } from './photo-state.ts';

const photo = (session: string, state = 'stored', reason: string | null = null) => ({
  state,
  quarantine_reason: reason,
  session: { id: 's', state: session, detected: null, error_code: null, error_message: null },
});

describe('state of a photo', () => {
  test('every session state has words of its own', () => {
    const states = ['pending', 'processing', 'completed', 'failed'];
    const waiting = ['needs_location', 'needs_config', 'needs_calibration'];
    const labels = [...states, ...waiting].map((state) => describeState(photo(state)).label);
    expect(new Set(labels).size).toBe(7);
  });

  test('a quarantined photo is refused with its reason, whatever its session says', () => {
    const state = describeState(photo('pending', 'quarantined', 'The file ends early.'));
    expect(state.tone).toBe('bad');
    expect(state.sentence).toBe('The file ends early.');
  });

  test('waiting for you is what a person must resolve; refused is quarantined or failed', () => {
    expect(matchesFilter(photo('needs_location'), 'waiting')).toBe(true);
    expect(matchesFilter(photo('needs_config'), 'waiting')).toBe(true);
    expect(matchesFilter(photo('pending'), 'waiting')).toBe(false);
    expect(matchesFilter(photo('failed'), 'refused')).toBe(true);
    expect(matchesFilter(photo('pending', 'quarantined'), 'refused')).toBe(true);
    expect(matchesFilter(photo('completed'), 'refused')).toBe(false);
    expect(matchesFilter(photo('completed'), 'all')).toBe(true);
  });

  test('only stored photos that are pending or processing are under way', () => {
    expect(isUnderWay(photo('pending'))).toBe(true);
    expect(isUnderWay(photo('pending', 'quarantined'))).toBe(false);
    expect(isUnderWay(photo('needs_location'))).toBe(false);
  });
});
