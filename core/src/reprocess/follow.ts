import type { Reprocessing, ReprocessResultsResponse } from '@demeter/proto';
import type { ReprocessContext } from './context.ts';
import {
  type ReprocessingRef,
  type ReprocessingRow,
  readReprocessing,
  toMessage,
} from './reprocessing.ts';
import { PAGE_RESULTS, parseCursor, readResults, toResultMessage } from './results.ts';

/** Other cores' steps are seen at the latest after this. */
const LOOK_MS = 1_000;
/** A watcher is told no more often than this. */
const TELL_MS = 250;

/** How it stands now, and after each change until nothing will change any more. */
export async function* watch(
  context: ReprocessContext,
  ref: ReprocessingRef,
  signal: AbortSignal,
): AsyncGenerator<Reprocessing> {
  let told = '';
  for (;;) {
    const changed = nextChange(context, signal);
    const row = await readReprocessing(context.db, ref);
    const message = toMessage(row);
    const text = JSON.stringify(message);
    if (text !== told) yield message;
    told = text;
    if (!isAtWork(row.state)) return;
    await context.clock.sleep(TELL_MS, signal);
    await changed;
  }
}

/** Waits until it is promoted. Throws the signal's reason. */
export async function promoted(
  context: ReprocessContext,
  ref: ReprocessingRef,
  signal: AbortSignal,
): Promise<ReprocessingRow> {
  for (;;) {
    signal.throwIfAborted();
    const changed = nextChange(context, signal);
    const row = await readReprocessing(context.db, ref);
    if (row.state !== 'promoting') return row;
    await changed;
  }
}

export interface Follow {
  readonly after: string;
  readonly detections: boolean;
  /** End at what is there now. */
  readonly noWait: boolean;
}

/**
 * Each photo's result in the order of their cursors, page by page, as they come. Throws the signal's
 * reason.
 */
export async function* follow(
  context: ReprocessContext,
  ref: ReprocessingRef,
  { after, detections, noWait }: Follow,
  signal: AbortSignal,
): AsyncGenerator<ReprocessResultsResponse> {
  const { db } = context;
  let cursor = parseCursor(after);
  for (;;) {
    const changed = nextChange(context, signal);
    // Before the results: what ends after this look is found by the next one.
    const { state } = await readReprocessing(db, ref);
    const page = await readResults(db, ref, cursor);
    for (const row of page) {
      yield await toResultMessage(db, ref.organisationId, row, detections);
      cursor = row.position;
    }
    if (page.length === PAGE_RESULTS) continue;
    if (noWait || (state !== 'running' && state !== 'paused')) return;
    await changed;
    signal.throwIfAborted();
  }
}

function isAtWork(state: string): boolean {
  return state === 'running' || state === 'paused' || state === 'promoting';
}

/** Resolves after a step that changed something, or a little later in any case. */
async function nextChange(
  { reprocessor, clock }: ReprocessContext,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = reprocessor.onChange(resolve);
  const looked = new AbortController();
  const over = AbortSignal.any([signal, looked.signal]);
  await Promise.race([promise, clock.sleep(LOOK_MS, over).catch(() => {})]);
  looked.abort();
  end();
}
