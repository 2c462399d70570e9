import type { Journal } from '../buffer/journal.ts';
import type { Camera } from '../cameras.ts';
import type { CentrePlace } from './centre-places.ts';

/** A place that the box knows of, for a worker to pick from. */
export interface KnownPlace {
  readonly code: string;
  /** As the centre calls it; null: it does not know this place, or has never said. */
  readonly name: string | null;
  /** Where the box knows it from: used by a photo, written for a camera, or from the centre. */
  readonly from: 'photo' | 'camera' | 'centre';
}

/** Sightings that are looked through, newest first: about a day of one greenhouse. */
const SIGHTINGS_LOOKED_AT = 2_000;
const USED_MAX = 200;

/** Those used last first, then those of the cameras, then all others, by their codes. */
export function knownPlaces(
  journal: Journal,
  cameras: readonly Camera[],
  ofCentre: readonly CentrePlace[],
): KnownPlace[] {
  const used = journal.all<{ code: string }>(
    `SELECT code FROM (
       SELECT json_extract(sighting, '$.location_code') AS code, id FROM sightings
       ORDER BY id DESC LIMIT ?)
     WHERE code IS NOT NULL GROUP BY code ORDER BY max(id) DESC LIMIT ?`,
    SIGHTINGS_LOOKED_AT,
    USED_MAX,
  );
  const ofCameras = cameras
    .map(({ locationCode }) => locationCode)
    .filter((code): code is string => code !== null)
    .sort();
  const names = new Map(ofCentre.map(({ code, name }) => [code, name]));
  // What is set first stands: where a place was used goes before where it is written.
  const places = new Map<string, KnownPlace>();
  const add = (from: KnownPlace['from'], codes: readonly string[]) => {
    for (const code of codes) {
      if (!places.has(code)) places.set(code, { code, name: names.get(code) ?? null, from });
    }
  };
  const codes = (list: readonly { readonly code: string }[]) => list.map(({ code }) => code);
  add('photo', codes(used));
  add('camera', ofCameras);
  add('centre', codes(ofCentre));
  return [...places.values()];
}
