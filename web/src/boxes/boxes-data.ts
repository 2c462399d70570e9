import { signal } from '@preact/signals';
import { answer, api } from '../api/client.ts';
import { oneAtATime } from '../api/one-at-a-time.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { Box } from '../api/shapes.ts';
import { onEdge, onResync } from '../live/live.ts';

/** Boxes say how they are once a minute; alerts come as events, at once. */
const REFRESH_MS = 15_000;
const PAGE = 200;

export const boxes = signal<readonly Box[] | undefined>(undefined);
export const boxesProblem = signal<ApiProblem | undefined>(undefined);
/** The one-time code that was made last; it is shown this once. */
export const freshCode = signal<FreshCode | undefined>(undefined);

export interface FreshCode {
  readonly box: string;
  readonly code: string;
  readonly expiresAt: string;
}

/** Shows the boxes and keeps them true until the answered end. */
export function showBoxes(): () => void {
  const timer = setInterval(() => void readBoxes(), REFRESH_MS);
  const stops = [onEdge(() => void readBoxes()), onResync(() => void readBoxes())];
  void readBoxes();
  return () => {
    clearInterval(timer);
    for (const stop of stops) stop();
    freshCode.value = undefined;
  };
}

/** Reads all boxes (again): a thousand that fall silent together are a thousand events. */
export const readBoxes = oneAtATime(readAll);

/** Page by page. */
async function readAll(): Promise<void> {
  try {
    const all: Box[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: PAGE, cursor };
      const page = await answer(api.GET('/api/v1/edges', { params: { query } }));
      all.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    boxes.value = all;
    boxesProblem.value = undefined;
  } catch (error) {
    boxesProblem.value = asProblem(error);
  }
}

/** Throws ApiProblem, e.g. ALREADY_EXISTS. */
export async function addBox(code: string, name: string): Promise<void> {
  const { enrolment } = await answer(api.POST('/api/v1/edges', { body: { code, name } }));
  freshCode.value = { box: code, code: enrolment.code, expiresAt: enrolment.expires_at };
  await readBoxes();
}

/** Throws ApiProblem. */
export async function renameBox({ id }: Box, name: string): Promise<void> {
  await answer(api.PATCH('/api/v1/edges/{id}', { params: { path: { id } }, body: { name } }));
  await readBoxes();
}

/** Throws ApiProblem. */
export async function newCode({ id, code: box }: Box): Promise<void> {
  const params = { path: { id } };
  const made = await answer(api.POST('/api/v1/edges/{id}/code', { params, body: {} }));
  freshCode.value = { box, code: made.code, expiresAt: made.expires_at };
  await readBoxes();
}

/** Throws ApiProblem. */
export async function revokeBox({ id }: Box): Promise<void> {
  await answer(api.DELETE('/api/v1/edges/{id}', { params: { path: { id } } }));
  freshCode.value = undefined;
  await readBoxes();
}

/** Of a box that was never here. Throws ApiProblem. */
export async function removeBox({ id }: Box): Promise<void> {
  await answer(api.POST('/api/v1/edges/{id}/remove', { params: { path: { id } } }));
  freshCode.value = undefined;
  await readBoxes();
}
