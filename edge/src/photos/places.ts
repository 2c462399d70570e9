import type { Journal } from '../buffer/journal.ts';
import type { Camera } from '../cameras.ts';

/** A place that the box knows of, for a worker to pick from. */
export interface KnownPlace {
  readonly code: string;
  /** Where the box knows it from: used by a photo, or written for a camera. */
  readonly from: 'photo' | 'camera';
}

/** Sightings that are looked through, newest first: about a day of one greenhouse. */
const SIGHTINGS_LOOKED_AT = 2_000;
const PLACES_MAX = 200;

/** Those used last first, then those of the cameras by their code. */
export function knownPlaces(journal: Journal, cameras: readonly Camera[]): KnownPlace[] {
  const used = journal.all<{ code: string }>(
    `SELECT code FROM (
       SELECT json_extract(sighting, '$.location_code') AS code, id FROM sightings
       ORDER BY id DESC LIMIT ?)
     WHERE code IS NOT NULL GROUP BY code ORDER BY max(id) DESC LIMIT ?`,
    SIGHTINGS_LOOKED_AT,
    PLACES_MAX,
  );
  const ofCameras = cameras
    .map(({ locationCode }) => locationCode)
    .filter((code): code is string => code !== null)
    .sort();
  const places: KnownPlace[] = [
    ...used.map(({ code }) => ({ code, from: 'photo' as const })),
    ...ofCameras.map((code) => ({ code, from: 'camera' as const })),
  ];
  const first = new Map(places.toReversed().map((place) => [place.code, place]));
  return places.filter((place) => first.get(place.code) === place).slice(0, PLACES_MAX);
}
