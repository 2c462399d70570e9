import { expect, test } from 'bun:test';
import { timeAgo } from './time.ts';

const NOW = Date.parse('2026-05-01T12:00:00.000Z');

test('ages are said in the largest whole unit', () => {
  expect(timeAgo('2026-05-01T11:59:30.000Z', NOW)).toBe('just now');
  expect(timeAgo('2026-05-01T11:57:01.000Z', NOW)).toBe('2 minutes ago');
  expect(timeAgo('2026-05-01T09:00:00.000Z', NOW)).toBe('3 hours ago');
  expect(timeAgo('2026-04-30T12:00:00.000Z', NOW)).toBe('yesterday');
  expect(timeAgo('2026-03-01T12:00:00.000Z', NOW)).toBe('2 months ago');
  expect(timeAgo('2024-03-01T12:00:00.000Z', NOW)).toBe('2 years ago');
});

test('a server whose clock is ahead does not take photos in the future', () => {
  expect(timeAgo('2026-05-01T12:04:00.000Z', NOW)).toBe('just now');
});
