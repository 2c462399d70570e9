import { signal } from '@preact/signals';
import { answer, api } from '../api/client.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { Mesh } from '../api/shapes.ts';

/** Servers report every two seconds; nobody watches more closely than this. */
const REFRESH_MS = 4000;

export const mesh = signal<Mesh | undefined>(undefined);
export const meshProblem = signal<ApiProblem | undefined>(undefined);

/** Shows the servers and keeps them true until the answered end. */
export function showMesh(): () => void {
  const timer = setInterval(() => void readMesh(), REFRESH_MS);
  void readMesh();
  return () => clearInterval(timer);
}

export async function readMesh(): Promise<void> {
  try {
    mesh.value = await answer(api.GET('/api/v1/system/mesh'));
    meshProblem.value = undefined;
  } catch (error) {
    meshProblem.value = asProblem(error);
  }
}
