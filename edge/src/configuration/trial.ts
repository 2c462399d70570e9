/**
 * How a version of the centre's configuration comes into force, as rules without I/O:
 *
 *   (none) ──apply──► ON TRIAL ──passed──► GOOD
 *                        │ failed, or did not start
 *                        └──────► back to the last GOOD one, or to none; this version is refused
 *
 * A version is on trial until the box has worked with it for a while and has reached the centre.
 * The state is on the disk before a version is in force, so that a start knows what it came from.
 */

export interface PulledState {
  /** The box, by its id at the centre, that all of this was for; null: nothing was pulled yet. */
  readonly box: string | null;
  /** In force; null: only what the box itself was told. */
  readonly applied: number | null;
  /** The last one whose trial was passed. */
  readonly good: number | null;
  /** The highest one that was ever in force: older ones are replayed. */
  readonly highest: number;
  /** Of `applied`; `starts` that did not end by a clean stop. */
  readonly trial: { readonly starts: number } | null;
  readonly refused: Refused | null;
  /** Model name → versions held, the wanted one first. */
  readonly models: Readonly<Record<string, readonly string[]>>;
}

interface Refused {
  readonly version: number;
  readonly reason: string;
  /** Times it was tried. */
  readonly tries: number;
  /** It may not have been at fault: it is tried again while tries are left. */
  readonly again: boolean;
}

export const NOTHING: PulledState = {
  box: null,
  applied: null,
  good: null,
  highest: 0,
  trial: null,
  refused: null,
  models: {},
};

const STARTS_MAX = 3;
const TRIES_MAX = 3;
/** It must work for so long … */
export const TRIAL_MS = 10 * 60_000;
/** … and the centre must be reached within this, or the box could not be helped from there. */
export const CONTACT_MS = 60 * 60_000;

/**
 * Versions count for each box by itself. One that was enrolled as another begins again: what was
 * the other's is in force no more, and refuses nothing.
 */
export function ofBox(state: PulledState, box: string): PulledState {
  if (state.box === box) return state;
  return state.box === null ? { ...state, box } : { ...NOTHING, box, models: state.models };
}

/** What to do with a version that is offered. */
export function decide(
  state: PulledState,
  version: number,
): 'apply' | 'held' | 'refused' | 'older' {
  if (version === state.applied) return 'held';
  if (version > state.highest) return 'apply';
  if (version !== state.refused?.version) return 'older';
  return state.refused.again && state.refused.tries < TRIES_MAX ? 'apply' : 'refused';
}

export function applied(state: PulledState, version: number): PulledState {
  const highest = Math.max(state.highest, version);
  return { ...state, applied: version, highest, trial: { starts: 0 } };
}

/** Before the version of a trial is used by a new process. */
export function started(state: PulledState): PulledState {
  if (!state.trial) return state;
  const starts = state.trial.starts + 1;
  if (starts > STARTS_MAX) {
    return failed(state, { reason: `the box ended ${STARTS_MAX} times with it`, again: false });
  }
  return { ...state, trial: { starts } };
}

/** After a clean stop: that start was none that failed. */
export function stopped(state: PulledState): PulledState {
  return state.trial ? { ...state, trial: { starts: 0 } } : state;
}

export function passed(state: PulledState): PulledState {
  return { ...state, good: state.applied, trial: null, refused: null };
}

export interface Failure {
  /** In words, for the administrator. */
  readonly reason: string;
  readonly again: boolean;
}

export function failed(state: PulledState, { reason, again }: Failure): PulledState {
  if (!state.trial || state.applied === null) return state;
  const before = state.refused?.version === state.applied ? state.refused.tries : 0;
  const refused = { version: state.applied, reason, again, tries: before + 1 };
  return { ...state, applied: state.good, trial: null, refused };
}

export interface Observation {
  /** Since it is in force, or since the start. */
  readonly elapsedMs: number;
  readonly judgeWorks: boolean;
  /** Before it came into force: what was broken before is not its fault. */
  readonly judgeWorked: boolean;
  /** The centre has answered since. */
  readonly contact: boolean;
}

export function judgeTrial(seen: Observation): 'wait' | 'passed' | Failure {
  if (seen.judgeWorked && !seen.judgeWorks) {
    return { reason: 'the judge failed with it', again: false };
  }
  if (seen.contact) return seen.elapsedMs >= TRIAL_MS ? 'passed' : 'wait';
  if (seen.elapsedMs < CONTACT_MS) return 'wait';
  return { reason: 'the centre was not reached within an hour of it', again: true };
}

/** Of each model the version wanted now and the one before; `files`: `models/NAME/VERSION/FILE`. */
export function keepModels(
  held: PulledState['models'],
  files: readonly { readonly name: string }[],
): PulledState['models'] {
  const kept: Record<string, readonly string[]> = { ...held };
  for (const { name: path } of files) {
    const [, name = '', version = ''] = path.split('/');
    kept[name] = [version, ...(kept[name] ?? []).filter((one) => one !== version)].slice(0, 2);
  }
  return kept;
}
