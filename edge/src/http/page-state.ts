import type { Clock } from '@demeter/common/clock';
import { Elysia } from 'elysia';
import type { Camera } from '../cameras.ts';
import { oldestUnverifiedAgeSeconds, unsentCount } from '../events.ts';
import { RAISED } from '../forward/alarm-sentences.ts';
import { cameraOf, type Devices } from '../pairing/devices.ts';
import { lastPhotoOf, type Names, toPagePhoto } from '../photos/page-photos.ts';
import type { Condition } from './health.ts';
import { sessionOf } from './session.ts';

export interface PageStateOptions {
  readonly clock: Clock;
  readonly condition: Condition;
  readonly devices: Devices;
  readonly cameras: readonly Camera[];
  readonly names: Names;
}

/** How the box is, for people: link and backlog, disk, cameras with their last photo. */
export function pageStateRoutes({ clock, condition, devices, cameras, names }: PageStateOptions) {
  const { journal } = condition;
  return new Elysia().get('/page/state', ({ request }) => {
    sessionOf(devices, request);
    const senders = [...cameras, ...devices.list().map(cameraOf)];
    return {
      // Times of photos are the box's, and its clock may be another than the phone's.
      now: new Date(clock.now()).toISOString(),
      accepting: condition.accepting(),
      link: linkOf(condition),
      local_store: condition.objectStore(),
      judge: condition.judge(),
      alarms: condition.alarms().map((code) => ({ code, sentence: RAISED[code] })),
      unsent: unsentCount(journal),
      oldest_unsent_seconds: Math.round(oldestUnverifiedAgeSeconds(journal)),
      disk: {
        fullness: condition.fullness(),
        held_bytes: journal.heldBytes(),
        quota_bytes: condition.quotaBytes,
      },
      cameras: senders.flatMap(({ code, name, locationCode }, index) => {
        const last = lastPhotoOf(journal, code);
        // A phone that has sent nothing is not a camera yet.
        if (!last && index >= cameras.length) return [];
        const photo = last && toPagePhoto(journal, last, names);
        return [{ code, name, place: locationCode, last_photo: photo }];
      }),
    };
  });
}

/** How sending goes: in one word, and in sentences for people where something is wrong. */
function linkOf(condition: Condition) {
  const core = condition.core();
  const { waiting, troubles, clock } = condition.forwarding();
  const sentences = [...troubles.map(({ sentence }) => sentence), ...(clock ? [clock] : [])];
  const state = core === 'connected' || core === 'not configured' ? core : 'trouble';
  return { state: sentences.length > 0 ? 'trouble' : state, sentences, waiting };
}
