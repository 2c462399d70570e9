import { expect, test } from 'bun:test';
import { fromHere } from './links.ts';

test('a link to the core by another name stays at the address of the page', () => {
  expect(fromHere('https://core.example:8000/api/v1/files/original/ab?expires=1&s=2')).toBe(
    '/api/v1/files/original/ab?expires=1&s=2',
  );
  expect(fromHere('/api/v1/files/original/ab')).toBe('/api/v1/files/original/ab');
});
