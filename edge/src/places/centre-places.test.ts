import { expect, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { rejection } from '@demeter/common/testing';
import { silent, withFolder } from '../_testing.ts';
import { hold, withPlace } from '../buffer/_with-spool.ts';
import { ANONYMOUS_CAMERA } from '../cameras.ts';
import { CentrePlaces } from './centre-places.ts';
import { knownPlaces } from './known-places.ts';

const { signal } = new AbortController();
const PLACES = [
  { code: 'A1-01', name: 'Bench 1' },
  { code: 'A1-02', name: 'Bench 2' },
];

/** A centre that answers so, and what it was asked with. */
function centre(path: string) {
  const asked: string[] = [];
  const state = { answer: (): Response => Response.json({ places: PLACES, newer: 1 }), asked };
  const core = {
    open: async (to: string, headers: Readonly<Record<string, string>>) => {
      asked.push(`${to} ${headers['if-none-match']}`);
      return state.answer();
    },
  };
  const options = { core, path, clock: systemClock, random: () => 0, log: silent };
  return Object.assign(state, { start: () => new CentrePlaces(options) });
}

test('places of the centre are kept for a start without a link, and asked for by what is known', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'places.json');
    const given = centre(path);
    given.answer = () => Response.json({ places: PLACES, newer: 1 }, { headers: { etag: '"1"' } });
    const places = given.start();
    await places.load();
    expect(places.all).toEqual([]);
    await places.pull(signal);
    given.answer = () => new Response(null, { status: 304 });
    await places.pull(signal);
    expect(given.asked).toEqual(['edge/places ', 'edge/places "1"']);
    expect(places.all).toEqual(PLACES);
    // What is no list of places takes the place of none.
    given.answer = () => Response.json({ places: [{ code: '' }] });
    expect(await rejection(places.pull(signal))).toMatchObject({ kind: 'wrong_answer' });
    const restarted = given.start();
    await restarted.load();
    expect(restarted.all).toEqual(PLACES);
    expect(restarted.truncated).toBe(false);
    given.answer = () => Response.json({ places: PLACES, truncated: true });
    await restarted.pull(signal);
    const again = given.start();
    await again.load();
    expect([restarted.truncated, again.truncated]).toEqual([true, true]);
    await writeFile(path, 'torn');
    await restarted.load();
    expect(restarted.all).toEqual([]);
  }));

test('a place that was used comes before the others, each once and with its name', () =>
  withPlace(async (place) => {
    const photo = { sha256: 'ab'.repeat(32), bytes: Buffer.from('a photo') };
    await hold(place, photo, '01J00000000000000000000000');
    place.journal.run(
      `UPDATE sightings SET sighting = json_set(sighting, '$.location_code', 'A1-02')`,
    );
    const camera = { ...ANONYMOUS_CAMERA, locationCode: 'OLD-9' };
    expect(knownPlaces(place.journal, [camera], PLACES)).toEqual([
      { code: 'A1-02', name: 'Bench 2', from: 'photo' },
      { code: 'OLD-9', name: null, from: 'camera' },
      { code: 'A1-01', name: 'Bench 1', from: 'centre' },
    ]);
  }));
