import { describe, expect, test } from 'bun:test';
import type { Photo } from '../api/shapes.ts';
import { mergePhotos, updatePhotos } from './list-rules.ts';

const photo = (id: string, minute: number, session: string, place?: string) =>
  ({
    photo_id: id,
    state: 'stored',
    received_at: `2026-05-01T12:${String(minute).padStart(2, '0')}:00.000Z`,
    session: { state: session },
    location: place ? { id: place } : null,
  }) as Photo;

const ids = (photos: readonly Photo[]) => photos.map(({ photo_id }) => photo_id).join(' ');

describe('list of photos', () => {
  const shown = [photo('b', 2, 'completed'), photo('a', 1, 'pending')];

  test('a new photo comes where its time puts it, a known one changes in place', () => {
    const read = [photo('c', 3, 'pending'), photo('a', 1, 'completed')];
    const updated = updatePhotos(shown, read, { filter: 'all' });
    expect(ids(updated)).toBe('c b a');
    expect(updated[2]?.session.state).toBe('completed');
  });

  test('a photo that no longer waits leaves the list of those that wait', () => {
    const waiting = [photo('a', 1, 'needs_location'), photo('b', 2, 'needs_config')];
    const updated = updatePhotos(waiting, [photo('a', 1, 'completed')], { filter: 'waiting' });
    expect(ids(updated)).toBe('b');
  });

  test('a photo of another place does not come into the list of one place', () => {
    const query = { filter: 'all', locationId: 'here' } as const;
    const read = [photo('c', 3, 'pending', 'there'), photo('d', 4, 'pending', 'here')];
    expect(ids(updatePhotos([], read, query))).toBe('d');
  });

  test('a photo that two pages answer is there once', () => {
    expect(ids(mergePhotos(shown, [photo('a', 1, 'completed'), photo('z', 0, 'failed')]))).toBe(
      'b a z',
    );
  });
});
