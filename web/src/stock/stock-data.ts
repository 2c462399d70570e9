import { signal } from '@preact/signals';
import { answer, api } from '../api/client.ts';
import { oneAtATime } from '../api/one-at-a-time.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { Batch, Proposal } from '../api/shapes.ts';
import { onPhoto, onResync } from '../live/live.ts';

const BURST_MS = 1000;
const PAGE = 200;

export const batches = signal<readonly Batch[] | undefined>(undefined);
export const moreBatches = signal<string | null>(null);
export const proposals = signal<readonly Proposal[]>([]);
export const stockProblem = signal<ApiProblem | undefined>(undefined);

/** Shows stock and open proposals and keeps them true until the answered end. */
export function showStock(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopPhotos = onPhoto(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void readStock();
    }, BURST_MS);
  });
  const stopResync = onResync(() => void readStock());
  void readStock();
  return () => {
    stopPhotos();
    stopResync();
    clearTimeout(timer);
  };
}

/** Reads batches and open proposals (again). */
export const readStock = oneAtATime(async () => {
  try {
    const [stock, open] = await Promise.all([readBatches(), readOpenProposals()]);
    batches.value = stock.items;
    moreBatches.value = stock.next;
    proposals.value = open.items;
    stockProblem.value = undefined;
  } catch (error) {
    stockProblem.value = asProblem(error);
  }
});

export async function showMoreBatches(): Promise<void> {
  const cursor = moreBatches.value;
  if (!cursor) return;
  try {
    const page = await readBatches(cursor);
    batches.value = [...(batches.value ?? []), ...page.items];
    moreBatches.value = page.next;
  } catch (error) {
    stockProblem.value = asProblem(error);
  }
}

/** Throws ApiProblem, e.g. PROPOSAL_DECIDED. */
export async function decide(id: string, decision: 'confirm' | 'reject'): Promise<void> {
  const params = { path: { id } };
  try {
    await answer(
      decision === 'confirm'
        ? api.POST('/api/v1/stock/proposals/{id}/confirm', { params })
        : api.POST('/api/v1/stock/proposals/{id}/reject', { params }),
    );
  } finally {
    await readStock();
  }
}

function readBatches(cursor?: string) {
  return answer(api.GET('/api/v1/stock/batches', { params: { query: { limit: PAGE, cursor } } }));
}

function readOpenProposals() {
  const query = { state: 'open', limit: PAGE } as const;
  return answer(api.GET('/api/v1/stock/proposals', { params: { query } }));
}
