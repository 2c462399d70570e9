import { expect, test } from 'bun:test';
import type { PhotoRow, SightingRow } from '../buffer/journal.ts';
import type { CapturedAtSource } from '../buffer/sidecar.ts';
import { toRegistration } from './registration.ts';

const SAID = '2026-05-01T08:00:00.000Z';
const EXIF = '2026-05-01T07:59:58.000Z';
const LOCAL = '2026-05-01T09:59:58';

/** Of a photo with this EXIF, whose sighting says its time by `source`. */
function registered(source: CapturedAtSource, exif: object | null) {
  const sighting = {
    captured_at: source === 'none' ? null : SAID,
    captured_at_source: source,
    location_code: null,
  };
  const row = { sighting: JSON.stringify(sighting) } as SightingRow;
  const photo = { exif: exif && JSON.stringify(exif), verdict: null } as PhotoRow;
  const { captured_at, captured_at_local, captured_at_source } = toRegistration(
    photo,
    row,
  ).sighting;
  return [captured_at, captured_at_local, captured_at_source];
}

test('a place is named by its id where the camera’s is, else by its code', () => {
  const place = (said: object) =>
    toRegistration(
      { exif: null, verdict: null } as PhotoRow,
      { sighting: JSON.stringify(said) } as SightingRow,
    ).place;
  expect(place({ location_code: null, location_id: 'id' })).toEqual({ location_id: 'id' });
  expect(place({ location_code: 'A1' })).toEqual({ location_code: 'A1' });
  expect(place({ location_code: null })).toBeNull();
});

test('a device’s claim goes before EXIF, EXIF before the time of any file; whose clock it was is said', () => {
  const zoned = { captured_at: EXIF, captured_at_local: null };
  const local = { captured_at: null, captured_at_local: LOCAL };
  const silent = { captured_at: null, captured_at_local: null };
  for (const exif of [null, silent]) {
    expect(registered('device', exif)).toEqual([SAID, null, 'device']);
    // By a phone's own clock: the error of the box's is none of it.
    expect(registered('device_file', exif)).toEqual([SAID, null, 'device']);
    expect(registered('file', exif)).toEqual([SAID, null, 'file']);
    expect(registered('none', exif)).toEqual([null, null, 'none']);
  }
  expect(registered('device', zoned)).toEqual([SAID, null, 'device']);
  for (const source of ['device_file', 'file', 'none'] as const) {
    expect(registered(source, zoned)).toEqual([EXIF, null, 'exif']);
    expect(registered(source, local)).toEqual([null, LOCAL, 'exif']);
  }
});
