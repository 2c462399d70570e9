import type { Base } from './base.ts';

/** Work that goes on until its signal is aborted. */
export interface Loop {
  run(signal: AbortSignal): Promise<void>;
}

/** Before work that failed as a whole begins again. */
const LOOP_PAUSE_MS = 1_000;

/** Starts each; one that throws begins again after a pause. */
export function startLoops(
  { clock, log }: Base,
  loops: readonly (Loop | null)[],
  signal: AbortSignal,
): Promise<void>[] {
  return loops.map(async (loop) => {
    while (loop && !signal.aborted) {
      try {
        await loop.run(signal);
      } catch (error) {
        // A full or failing disk under the journal; photos wait, and the process lives to take more.
        log.error({ err: error }, 'work stopped and begins again');
        await clock.sleep(LOOP_PAUSE_MS, signal).catch(() => {});
      }
    }
  });
}
