import type { HeldModels } from './held-models.ts';

/**
 * How a version of the centre's configuration comes into force, as rules without I/O:
 *
 *   (none) ──apply──► ON TRIAL ──worked──► AWAITS ITS MODELS ──served──► GOOD
 *                        │ failed, or did not start  │ cannot be served
 *                        └───────────────────────────┴──► back to the last GOOD one, or to none;
 *                                                         this version is refused
 *
 * A version is on trial until the box has worked with it for a while and has reached the centre, and
 * until its models, which are pulled beside it and may take days, serve. One without models, or whose
 * models serve by then, is good at once.
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
  /** Of `applied`; `starts` that did not end by a clean stop; `worked`: it awaits its models. */
  readonly trial: { readonly starts: number; readonly worked?: true } | null;
  readonly refused: Refused | null;
  readonly models: HeldModels;
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
  if (!state.trial || state.trial.worked) return state;
  const starts = state.trial.starts + 1;
  if (starts > STARTS_MAX) {
    return failed(state, { reason: `the box ended ${STARTS_MAX} times with it`, again: false });
  }
  return { ...state, trial: { starts } };
}

/** After a clean stop: that start was none that failed. */
export function stopped(state: PulledState): PulledState {
  return state.trial ? { ...state, trial: { ...state.trial, starts: 0 } } : state;
}

/** The box works with it; what ends the box from now on is not its fault. */
export function worked(state: PulledState): PulledState {
  return state.trial?.worked ? state : { ...state, trial: { starts: 0, worked: true } };
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
  /** It has worked for as long as it must, in this life of the box or before. */
  readonly worked: boolean;
  readonly models: ModelsStand;
}

/** Whether the models of a version serve; a failure: they cannot. */
export type ModelsStand = 'served' | 'awaited' | Failure;

export function judgeTrial(seen: Observation): 'wait' | 'worked' | 'passed' | Failure {
  if (typeof seen.models === 'object') return seen.models;
  const done = seen.models === 'served' ? 'passed' : 'worked';
  if (seen.worked) return done;
  if (seen.judgeWorked && !seen.judgeWorks) {
    return { reason: 'the judge failed with it', again: false };
  }
  if (seen.contact) return seen.elapsedMs >= TRIAL_MS ? done : 'wait';
  if (seen.elapsedMs < CONTACT_MS) return 'wait';
  return { reason: 'the centre was not reached within an hour of it', again: true };
}
