import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  DEFAULT_THRESHOLDS,
  isSampled,
  judge,
  type Pair,
  type Side,
  toEvidence,
} from './rollout-rules.ts';

const counted = (detected: number, workMs = 100): Side => ({
  state: 'completed',
  detected,
  workMs,
});
const FAILED: Side = { state: 'failed', detected: null, workMs: null };
const WAITING: Side = { state: 'waiting', detected: null, workMs: null };
const pair = (stable: Side, candidate: Side, waitedMs = 0): Pair => ({
  stable,
  candidate,
  waitedMs,
});
const times = (count: number, one: Pair) => Array.from({ length: count }, () => one);
const verdictOf = (...pairs: readonly Pair[][]) =>
  judge(toEvidence(pairs.flat(), 'canary', DEFAULT_THRESHOLDS), DEFAULT_THRESHOLDS);

const SAME = pair(counted(20), counted(20));
const LOST = pair(counted(20), WAITING, DEFAULT_THRESHOLDS.patience_ms + 1);

describe('a new version', () => {
  test('waits for 30 photos, then for 100, then passes', () => {
    expect(verdictOf(times(29, SAME))).toEqual({
      verdict: 'wait',
      reason: '29 photos compared; judged from 30, passes at 100',
    });
    expect(verdictOf(times(99, SAME))).toEqual({
      verdict: 'wait',
      reason: '99 photos compared; judged from 30, passes at 100',
    });
    expect(verdictOf(times(100, SAME))).toMatchObject({ verdict: 'pass' });
  });

  test('that fails three of three is rolled back at once; two are an accident', () => {
    const broken = pair(counted(20), FAILED);
    expect(verdictOf(times(2, broken)).verdict).toBe('wait');
    expect(verdictOf(times(3, broken)).reason).toStartWith('errors: 3 of 3');
    // Wilson's lower end of 3 in 100 is 1.2 %, of 8 in 100 it is 4.6 %.
    expect(verdictOf(times(97, SAME), times(3, broken)).verdict).not.toBe('fail');
    expect(verdictOf(times(92, SAME), times(8, broken)).verdict).toBe('fail');
  });

  test('is not blamed for photos that nobody can count', () => {
    expect(verdictOf(times(100, SAME), times(50, pair(FAILED, FAILED))).verdict).toBe('pass');
  });

  test('whose answers stay away, or are empty, is rolled back', () => {
    expect(verdictOf(times(5, LOST)).reason).toStartWith('missing data: 5 of 5');
    expect(verdictOf(times(50, pair(counted(20), WAITING, 1000))).verdict).toBe('wait');
    // Two minutes are left for three photos to come and for the next look at them.
    expect(DEFAULT_THRESHOLDS.patience_ms).toBeLessThanOrEqual(180_000);
    expect(toEvidence(times(5, LOST), 'shadow', DEFAULT_THRESHOLDS).missing).toBe(0);
    const empty = pair(counted(20), counted(0));
    expect(verdictOf(times(90, SAME), times(10, empty)).reason).toContain('10 found empty');
  });

  test('that takes more than half as long again is rolled back, one slow photo is not enough', () => {
    const slow = pair(counted(20, 100), counted(20, 151));
    expect(verdictOf(times(30, slow)).reason).toStartWith('latency: 1.51');
    expect(verdictOf(times(60, SAME), times(40, slow)).verdict).toBe('pass');
  });

  test('that counts a tenth more, or elsewhere, is rolled back', () => {
    expect(verdictOf(times(30, pair(counted(20), counted(23)))).reason).toContain('+15.0 %');
    expect(verdictOf(times(100, pair(counted(20), counted(21)))).verdict).toBe('pass');
    const more = times(15, pair(counted(20), counted(30)));
    const fewer = times(15, pair(counted(20), counted(10)));
    expect(verdictOf(more, fewer).reason).toContain('differ by +50.0 %');
  });

  const side = fc.oneof(
    fc
      .record({ detected: fc.nat(50), ms: fc.integer({ min: 1, max: 500 }) })
      .map(({ detected, ms }) => counted(detected, ms)),
    fc.constantFrom(FAILED, WAITING),
  );
  const pairs = fc.array(
    fc
      .tuple(side, side, fc.nat(4_000_000))
      .map(([stable, candidate, waited]) => pair(stable, candidate, waited)),
    { maxLength: 200 },
  );

  test('does no better for failing or losing more', () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 3, max: 50 }), (seen, more) => {
        if (verdictOf(seen).verdict !== 'fail') return;
        expect(verdictOf(seen, times(more * seen.length, LOST)).verdict).toBe('fail');
      }),
    );
  });

  test('never passes what it has not compared, whatever the order', () => {
    fc.assert(
      fc.property(pairs, (seen) => {
        const judged = verdictOf(seen);
        expect(verdictOf(seen.toReversed())).toEqual(judged);
        const both = seen.filter(
          ({ stable, candidate }) =>
            stable.state === 'completed' && candidate.state === 'completed',
        );
        if (judged.verdict === 'pass') expect(both.length).toBeGreaterThanOrEqual(100);
      }),
    );
  });
});

describe('the share of photos', () => {
  const hash = (n: number) => createHash('sha256').update(String(n)).digest();

  test('is about what was asked for, and grows by adding', () => {
    const all = Array.from({ length: 20_000 }, (_, i) => hash(i));
    const five = all.filter((sha256) => isSampled(sha256, 5));
    expect(five.length / all.length).toBeCloseTo(0.05, 2);
    expect(five.every((sha256) => isSampled(sha256, 20))).toBe(true);
    expect(all.every((sha256) => isSampled(sha256, 100))).toBe(true);
  });
});
