import { dayOf, digestOfDay, toSightingKey } from '@demeter/common/edge-days';
import type { Answer, Centre } from './centre.ts';

/** What the centre answers to a box that compares days with it (docs/protocols.md). */

interface Asked {
  readonly days?: readonly string[];
  readonly photos?: readonly { readonly sha256: string; readonly answer: string }[];
}

/** Null: the path is none of these. */
export function answerAboutDays(centre: Centre, path: string, asked: Asked): Answer | null {
  if (path === 'days') {
    const days = (asked.days ?? []).map((day) => {
      const keys = keysOf(centre, day);
      return { day, sightings: keys.length, digest: digestOfDay(keys) };
    });
    return { status: 200, body: { days } };
  }
  if (path.startsWith('days/')) {
    const keys = keysOf(centre, path.slice('days/'.length));
    return { status: 200, body: { keys, next: null } };
  }
  if (path === 'wanted') {
    return { status: 200, body: { photos: [...centre.wanted].sort(), next: null } };
  }
  if (path === 'answers') {
    const photos = asked.photos ?? [];
    // What is on its way is asked for until it is here.
    for (const { sha256, answer } of photos) if (answer !== 'queued') centre.wanted.delete(sha256);
    return { status: 200, body: { taken: photos.length } };
  }
  return null;
}

/** Also of photos whose bytes the centre has lost: it knows of them. */
function keysOf({ photos }: Centre, day: string): string[] {
  return [...photos]
    .flatMap(([sha256, { sightings }]) =>
      [...sightings]
        .filter(([, acceptedAt]) => dayOf(Date.parse(acceptedAt)) === day)
        .map(([sightingId]) => toSightingKey({ sha256, sightingId })),
    )
    .sort();
}
