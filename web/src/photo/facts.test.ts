import { expect, test } from 'bun:test';
import type { Photo } from '../api/shapes.ts';
import { factsOf } from './facts.ts';

const photo = (recovered: boolean) =>
  ({
    photo_id: 'ab'.repeat(32),
    size_bytes: 1_000_000,
    received_at: '2026-05-01T12:00:00.000Z',
    captured_at: null,
    captured_at_said: null,
    time_flag: 'ok',
    sightings: 1,
    recovered,
    run: null,
  }) as Photo;

test('says of a photo that its box noted anew that nobody knows who took it, and of no other', () => {
  const said = new Map(factsOf(photo(true)));
  expect(said.get('Recovered')).toBe(
    'Its box had to note it anew; who took it, and where, is not known.',
  );
  expect(new Map(factsOf(photo(false))).has('Recovered')).toBe(false);
});
