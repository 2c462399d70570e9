import type { Signal } from '@preact/signals';
import { asProblem } from '../api/problem.ts';
import { notify, notifyProblem } from '../shell/notice.ts';

/** Does it once at a time, and says how it went; answers whether it went well. */
export async function act(
  busy: Signal<boolean>,
  run: () => Promise<void>,
  done: string,
): Promise<boolean> {
  if (busy.value) return false;
  busy.value = true;
  try {
    await run();
    notify({ tone: 'good', text: done });
    return true;
  } catch (error) {
    notifyProblem(asProblem(error));
    return false;
  } finally {
    busy.value = false;
  }
}
