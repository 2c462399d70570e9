import { expect, test } from 'bun:test';
import { Readiness } from './readiness.ts';

/** What is told of a server in which only `change` is wrong. */
function told({ ready = true, hanging = '', draining = false } = {}) {
  const readiness = new Readiness({
    shelf: { ready },
    hanging: () => hanging,
    draining: () => draining,
  });
  return [readiness.live, readiness.ready, readiness.serves({ state: 'ready' })];
}

test('work may come where a model serves, the process works and is not stopping', () => {
  expect(told()).toEqual([true, true, true]);
  // At the start one model may serve before all are loaded.
  expect(told({ ready: false })).toEqual([true, false, true]);
  expect(told({ draining: true })).toEqual([true, false, false]);
  expect(told({ hanging: 'CUDA failure 700' })).toEqual([false, false, false]);
});

test('a version that is not ready does not serve, nor does one that is not there', () => {
  const works = { shelf: { ready: true }, hanging: () => '', draining: () => false };
  const readiness = new Readiness(works);
  expect(readiness.serves({ state: 'loading' })).toBe(false);
  expect(readiness.serves(undefined)).toBe(false);
});
