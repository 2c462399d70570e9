const LOOK_MS = 100;

/** Repeats `look` until it answers true; errors are "not yet". Throws what it was waiting for. */
export async function until(
  what: string,
  look: () => boolean | Promise<boolean>,
  withinMs = 120_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      if (await look()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) break;
    await Bun.sleep(LOOK_MS);
  }
  throw new Error(`not within ${withinMs / 1000} s: ${what}`, { cause: last });
}
