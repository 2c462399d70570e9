import { signal } from '@preact/signals';
import { answer, api, onSignedOut, setCsrfToken } from '../api/client.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { Me } from '../api/shapes.ts';
import { notify, notifyProblem } from '../shell/notice.ts';
import { texts } from '../texts.ts';

/**
 * States: `starting` (asks who we are) → `in` | `out` (with the problem, if a link failed) |
 * `unreachable` (tried again); `in` → `out` by sign-out or by any answer 401.
 */
export type Session =
  | { readonly state: 'starting' }
  | { readonly state: 'in'; readonly me: Me }
  | { readonly state: 'out'; readonly problem?: ApiProblem }
  | { readonly state: 'unreachable'; readonly problem: ApiProblem };

const RETRY_MS = 5000;

let retry: ReturnType<typeof setTimeout> | undefined;

export const session = signal<Session>({ state: 'starting' });

/** True if the signed-in person holds the permission. The core checks it again. */
export function may(permission: string): boolean {
  const current = session.value;
  return current.state === 'in' && current.me.permissions.includes(permission);
}

/** Signs in by the one-time link in the address, or takes up the session of the cookie. */
export async function startSession(): Promise<void> {
  onSignedOut(() => {
    if (session.value.state === 'in') session.value = { state: 'out' };
  });
  addEventListener('hashchange', () => {
    const token = takeToken();
    if (token) void signIn(token);
  });
  const token = takeToken();
  await (token ? signIn(token) : resume());
}

export async function signOut(): Promise<void> {
  try {
    await answer(api.POST('/api/v1/auth/sign-out'));
  } catch (error) {
    notifyProblem(asProblem(error));
    return;
  }
  setCsrfToken(undefined);
  session.value = { state: 'out' };
}

/** Takes up the session of the cookie; where the core cannot be reached, tries again. */
export async function resume(): Promise<void> {
  clearTimeout(retry);
  try {
    enter(await answer(api.GET('/api/v1/auth/me')));
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status === 401 || problem.status === 403) {
      session.value = { state: 'out' };
      return;
    }
    session.value = { state: 'unreachable', problem };
    retry = setTimeout(() => void resume(), RETRY_MS);
  }
}

async function signIn(token: string): Promise<void> {
  session.value = { state: 'starting' };
  try {
    const me = await answer(api.POST('/api/v1/auth/sign-in', { body: { token } }));
    enter(me);
    notify({ tone: 'good', text: texts.signIn.done(me.name) });
  } catch (error) {
    session.value = { state: 'out', problem: asProblem(error) };
  }
}

function enter(me: Me): void {
  setCsrfToken(me.csrf_token ?? undefined);
  session.value = { state: 'in', me };
}

/** The token of `#sign-in=TOKEN`, taken out of the address and of the history. */
function takeToken(): string | undefined {
  const token = /^#sign-in=(.+)$/.exec(location.hash)?.[1];
  if (token) history.replaceState(null, '', '#/photos');
  return token;
}
