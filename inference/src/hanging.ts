/** What a server has under way, by `performance.now()`; undefined: nothing. */
export interface Progress {
  /** Why nothing more can be run in this process. */
  readonly fault: string | undefined;
  /** Last progress of the run that has been under way longest. */
  readonly busySinceMs: number | undefined;
  /** Begin of the load that has been under way longest. */
  readonly loadingSinceMs: number | undefined;
}

export interface HangLimits {
  readonly hangSeconds: number;
  readonly loadSeconds: number;
}

/**
 * Why the process has to end, which alone ends a call into native code that does not return; empty
 * while it works. Pure.
 */
export function whyHanging(progress: Progress, limits: HangLimits, nowMs: number): string {
  const { fault, busySinceMs = nowMs, loadingSinceMs = nowMs } = progress;
  const { hangSeconds, loadSeconds } = limits;
  if (fault) return fault;
  if (nowMs - busySinceMs >= hangSeconds * 1000) {
    return `Inference has not moved for ${hangSeconds} s.`;
  }
  if (nowMs - loadingSinceMs >= loadSeconds * 1000) {
    return `A model has been loading for ${loadSeconds} s.`;
  }
  return '';
}
