import { signal } from '@preact/signals';
import { ask, type Me, Problem, post, setCsrfToken } from './api.ts';

/** starting → out ⇄ in; lost: the box was not reached at the start. */
export type Session =
  | { readonly state: 'starting' }
  | { readonly state: 'out' }
  | { readonly state: 'lost' }
  | { readonly state: 'in'; readonly me: Me };

export const session = signal<Session>({ state: 'starting' });

export async function resume(): Promise<void> {
  try {
    enter(await ask<Me>('/page/me'));
  } catch (error) {
    noticeRefusal(error);
    if (session.value.state === 'starting') session.value = { state: 'lost' };
  }
}

/** Throws Problem. */
export async function pair(pin: string, name: string): Promise<void> {
  enter(await post<Me>('/page/pairing', { pin, name }));
}

/** After a refusal: a phone that somebody has unpaired is out. */
export function noticeRefusal(error: unknown): void {
  if (error instanceof Problem && error.status === 401) session.value = { state: 'out' };
}

function enter(me: Me): void {
  setCsrfToken(me.csrf_token);
  session.value = { state: 'in', me };
}
