/** Longer than this nobody else waits for the thread. */
const TURN_MS = 20;

/** To be awaited within work of seconds: lets everything else on this thread go on, now and then. */
export function takeTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < TURN_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    since = performance.now();
  };
}
