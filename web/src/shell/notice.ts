import { signal } from '@preact/signals';
import type { ApiProblem } from '../api/problem.ts';

export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly text: string;
  readonly hint?: string;
}

const SHOWN_MS = 6000;

export const notice = signal<Notice | undefined>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Says what went wrong and what to do about it. */
export function notifyProblem({ message, hint }: ApiProblem): void {
  notify({ tone: 'bad', text: message, hint });
}

/** Says one sentence at the foot of the page; read out by screen readers. */
export function notify(next: Notice): void {
  notice.value = next;
  clearTimeout(timer);
  timer = setTimeout(() => {
    notice.value = undefined;
  }, SHOWN_MS);
}
