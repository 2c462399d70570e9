import type { AlarmKind } from '../alarms.ts';
import type { Fullness } from '../buffer/when-full.ts';
import type { HeartbeatAlarm } from './heartbeat.ts';
import type { Closed } from './link.ts';

/** What people must look at, in their words: for the centre and for the box's own page. */

export const RAISED: Readonly<Record<AlarmKind, string>> = {
  disk_failed: 'The disk of this box has failed. Replace it; cameras keep their photos meanwhile.',
  no_room: 'The disk of this box has no room for another photo: make room.',
  no_descriptors: 'The system lets this box open no more files: raise its limit of open files.',
  journal_rebuilt: 'The journal of this box was damaged and has been made again from its photos.',
  bytes_changed: 'A photo on this box has other bytes than when it was taken in: look at the disk.',
  notes_spoilt:
    'What was noted of a photo was spoilt on this box: it is sent without camera and place. Look at the disk.',
  photos_lost: 'Photos that this box had taken in are not on its disk any more.',
  lost_at_centre:
    'The centre had lost a photo that it had confirmed; it is sent again where this box has it.',
  credential_spoilt:
    'What this box shows the centre is damaged: photos wait here. Ask for a new code at the centre, enrol the box with it, and restart it.',
  centre_keys_strange:
    'The centre shows keys that this box has no reason to believe. If it was set up anew, ask for a new code there and enrol this box with it.',
  configuration_refused:
    'What came as the configuration of this box is not to be believed; the log says why.',
  configuration_rolled_back:
    "The centre's configuration failed on this box: it has gone back to the one before.",
};

const FULL: Readonly<Record<Fullness, string | null>> = {
  ok: null,
  warn: 'The disk of this box is four fifths full.',
  evict: 'The disk of this box is nearly full: photos that the centre has are removed early.',
  refuse: 'The disk of this box is full: it takes no more photos.',
};

const CLOSED: Readonly<Record<Closed, string | null>> = {
  // As somebody wished.
  outside_hours: null,
  budget_spent: "This month's data budget is spent: photos wait on this box for the next month.",
};

/** How the box is, as its parts tell it. */
export interface BoxFacts {
  readonly raised: readonly AlarmKind[];
  /** Of the centre and its store: code and sentence. */
  readonly troubles: readonly { readonly code: string; readonly sentence: string }[];
  readonly fullness: Fullness;
  readonly closed: Closed | null;
  readonly judgeFailed: boolean;
  readonly localStoreTrouble: string | null;
  /** Of the clock, in words. */
  readonly clockTrouble: string | null;
  /** Photos that the centre refuses until a person has looked. */
  readonly parkedPhotos: number;
}

export function alarmsOf(facts: BoxFacts): HeartbeatAlarm[] {
  const { parkedPhotos: parked } = facts;
  const maybe = (code: string, sentence: string | null): HeartbeatAlarm[] =>
    sentence === null ? [] : [{ code, sentence }];
  return [
    ...facts.raised.map((code) => ({ code, sentence: RAISED[code] })),
    ...facts.troubles.map(({ code, sentence }) => ({ code, sentence })),
    ...maybe(`disk_${facts.fullness}`, FULL[facts.fullness]),
    ...maybe('budget_spent', facts.closed && CLOSED[facts.closed]),
    ...maybe('judge_failed', facts.judgeFailed ? 'Photos are not judged: the judge fails.' : null),
    ...maybe('local_store_failed', facts.localStoreTrouble && "The box's own store fails."),
    ...maybe('clock_skewed', facts.clockTrouble),
    ...maybe(
      'photos_parked',
      parked > 0 ? `The centre refuses ${parked} photos of this box; a person must look.` : null,
    ),
  ];
}
