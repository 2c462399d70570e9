import { expect, test } from 'bun:test';
import { blameOf, retryDelayMs } from './blame.ts';

test('only what every server would say of a photo is laid on the photo', () => {
  expect(blameOf('UNDECODABLE_PHOTO')).toBe('photo');
  expect(blameOf('INFERENCE_FAILED')).toBe('unknown');
  expect(blameOf('MODEL_UNAVAILABLE')).toBe('server');
});

test('a photo whose model has no room waits, and is not asked for again at once', () => {
  const code = 'MODEL_MEMORY_FULL';
  expect(blameOf(code)).toBe('server');
  expect(retryDelayMs({ code, retryAfterMs: 0 })).toBe(5_000);
  expect(retryDelayMs({ code, retryAfterMs: 9_000 })).toBe(9_000);
});

test('a photo is tried again when the server says so, but not never', () => {
  expect(retryDelayMs({ code: 'MODEL_MISMATCH', retryAfterMs: 0 })).toBe(2_000);
  expect(retryDelayMs({ code: 'DRAINING', retryAfterMs: 10 ** 9 })).toBe(60_000);
  expect(retryDelayMs({ code: 'TOO_MANY_REQUESTS', retryAfterMs: 9_000 })).toBe(100);
});
