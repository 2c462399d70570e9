import { signal } from '@preact/signals';
import { answer, api } from '../api/client.ts';
import { oneAtATime } from '../api/one-at-a-time.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { Mesh, Rollout } from '../api/shapes.ts';
import { onSystem } from '../live/live.ts';

/** Rates and queues move on by themselves; what matters comes as an event, at once. */
const REFRESH_MS = 4000;

export interface Shown {
  readonly mesh: Mesh;
  /** The newest one, open or ended. */
  readonly rollout: Rollout | undefined;
}

export const shown = signal<Shown | undefined>(undefined);
export const meshProblem = signal<ApiProblem | undefined>(undefined);

/** Shows the servers and keeps them true until the answered end. */
export function showMesh(): () => void {
  const timer = setInterval(() => void readMesh(), REFRESH_MS);
  const stop = onSystem(() => void readMesh());
  void readMesh();
  return () => {
    clearInterval(timer);
    stop();
  };
}

export const readMesh = oneAtATime(async () => {
  try {
    const [mesh, { rollouts }] = await Promise.all([
      answer(api.GET('/api/v1/system/mesh')),
      answer(api.GET('/api/v1/rollouts')),
    ]);
    shown.value = { mesh, rollout: rollouts[0] };
    meshProblem.value = undefined;
  } catch (error) {
    meshProblem.value = asProblem(error);
  }
});
