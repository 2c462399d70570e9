import { expect, test } from 'bun:test';
import { Latencies } from './latencies.ts';

const fill = (latencies: Latencies, pipeline: string, ms: (i: number) => number, count: number) => {
  for (let i = 0; i < count; i++) latencies.add(pipeline, ms(i));
};

test('late is three times the 99th percentile, of this pipeline, once thirty answers are known', () => {
  const latencies = new Latencies();
  fill(latencies, 'a', (i) => 1000 + i, 29);
  expect(latencies.lateAfterMs('a')).toBeUndefined();
  fill(latencies, 'a', () => 1029, 1);
  expect(latencies.lateAfterMs('a')).toBe(3 * 1029);
  expect(latencies.lateAfterMs('b')).toBeUndefined();
});

test('one slow answer in two hundred does not move it; quick photos are never late at once', () => {
  const latencies = new Latencies();
  fill(latencies, 'a', (i) => (i === 7 ? 60_000 : 50), 200);
  expect(latencies.lateAfterMs('a')).toBe(1000);
});

test('what was long ago is forgotten', () => {
  const latencies = new Latencies();
  fill(latencies, 'a', () => 50_000, 500);
  fill(latencies, 'a', () => 1_000, 500);
  expect(latencies.lateAfterMs('a')).toBe(3_000);
});
