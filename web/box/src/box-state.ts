import { signal } from '@preact/signals';
import { oneAtATime } from '../../src/api/one-at-a-time.ts';
import { ask, type BoxState } from './api.ts';
import { noticeRefusal } from './session.ts';

const ROUND_MS = 4_000;

export const boxState = signal<BoxState | null>(null);
/** False while the box does not answer. */
export const reached = signal(true);
/**
 * The box's time, UTC milliseconds; moves on with each look, so that ages on the screen stay true.
 * Boxes without internet may be hours off, and what they say is dated by their own clock.
 */
export const now = signal(Date.now());
let aheadMs = 0;

/** One at a time: an older answer covers no newer one. */
export const look = oneAtATime(async () => {
  try {
    boxState.value = await ask<BoxState>('/page/state');
    aheadMs = Date.parse(boxState.value.now) - Date.now();
    reached.value = true;
  } catch (error) {
    noticeRefusal(error);
    reached.value = (error as { status?: number }).status !== 0;
  }
  now.value = Date.now() + aheadMs;
});

/** Looks again and again while the page is seen; answers how to end it. */
export function startLooking(): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let ended = false;
  const round = async () => {
    if (!document.hidden) await look();
    if (!ended) timer = setTimeout(round, ROUND_MS);
  };
  const atOnce = () => void look();
  addEventListener('online', atOnce);
  document.addEventListener('visibilitychange', atOnce);
  void round();
  return () => {
    ended = true;
    clearTimeout(timer);
    removeEventListener('online', atOnce);
    document.removeEventListener('visibilitychange', atOnce);
  };
}
