import { expect, test } from 'bun:test';
import { whyRecycle } from './recycle.ts';

const limits = { photosMax: 5_000, residentBytesMax: 8e9 };
const minute = 60_000;

test('a server is due after its photos, or when it has grown', () => {
  expect(whyRecycle({ photos: 4_999, residentBytes: 1e9 }, limits, minute)).toBe('');
  expect(whyRecycle({ photos: 5_000, residentBytes: 1e9 }, limits, 0)).toContain('5000 photos');
  expect(whyRecycle({ photos: 0, residentBytes: 8e9 }, limits, minute)).toContain('8000000000');
});

test('one that is large from its start on is left a minute of work at least', () => {
  expect(whyRecycle({ photos: 10, residentBytes: 9e9 }, limits, minute - 1)).toBe('');
});

test('0 means never', () => {
  const never = { photosMax: 0, residentBytesMax: 0 };
  expect(whyRecycle({ photos: 1e9, residentBytes: 1e15 }, never, minute)).toBe('');
});
