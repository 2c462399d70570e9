/** What the box is asked for. */

export interface Verdict {
  readonly result: 'good' | 'poor' | 'undecodable';
  readonly reasons: readonly { readonly code: string; readonly sentence: string }[];
}

export interface Photo {
  readonly photo_id: string;
  readonly state: string;
  readonly camera: string;
  readonly place: string | null;
  readonly accepted_at: string;
  readonly verdict: Verdict | null;
  readonly count: { readonly value: number; readonly source: 'box' | 'centre' } | null;
  readonly parked: string | null;
  readonly has_preview: boolean;
  readonly can_send: boolean;
}

export interface Device {
  readonly id: string;
  readonly name: string;
  readonly seen_at: string;
  readonly is_this: boolean;
}

export interface Me {
  readonly device: { readonly id: string; readonly name: string };
  readonly csrf_token: string;
  readonly version: string;
  readonly urls: readonly string[];
}

export interface BoxState {
  /** The box's time. */
  readonly now: string;
  readonly accepting: boolean;
  readonly link: {
    readonly state: 'connected' | 'not configured' | 'trouble';
    readonly sentences: readonly string[];
    /** Why nothing is sent although the link would carry it. */
    readonly waiting: string | null;
  };
  readonly judge: 'running' | 'failed';
  readonly alarms: readonly { readonly code: string; readonly sentence: string }[];
  readonly unsent: number;
  readonly oldest_unsent_seconds: number;
  readonly disk: {
    readonly fullness: string;
    readonly held_bytes: number;
    readonly quota_bytes: number;
  };
  readonly cameras: readonly {
    readonly code: string;
    readonly name: string;
    readonly place: string | null;
    readonly last_photo: Photo | null;
  }[];
}

/** Statuses that pass: no session, no such upload any more, too much at once. */
const PASSING = new Set([401, 403, 404, 408, 409, 423, 429]);

/**
 * A refusal in words for people; `status` 0: the box was not reached; `code` '': it is not the
 * box's own answer.
 */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly hint = '',
    readonly retryAfterSeconds = 0,
    readonly code = '',
  ) {
    super(message);
  }

  /** Trying again cannot help: the box itself, and no login page of some Wi-Fi, has refused. */
  get isFinal(): boolean {
    return this.code !== '' && !PASSING.has(this.status) && this.status < 500;
  }

  /** From the body of an answer, if it is a problem document. */
  static of(status: number, body: unknown, retryAfterSeconds = 0): Problem {
    const { detail, hint, code } = (body ?? {}) as Readonly<Record<string, unknown>>;
    const words = (value: unknown, otherwise: string) =>
      typeof value === 'string' ? value : otherwise;
    const text = words(detail, `The box answered ${status}.`);
    return new Problem(status, text, words(hint, ''), retryAfterSeconds, words(code, ''));
  }
}

let csrfToken = '';

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** For changes: shows that the page is ours. */
export function csrfHeaders(): Record<string, string> {
  return { 'x-csrf-token': csrfToken };
}

const TIMEOUT_MS = 15_000;

/** Throws Problem. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = { ...csrfHeaders(), ...(init.headers as Record<string, string>) };
  let answer: Response;
  try {
    answer = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init, headers });
  } catch {
    throw new Problem(0, 'The box was not reached.');
  }
  const body = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return body as T;
  throw Problem.of(answer.status, body, Number(answer.headers.get('retry-after') ?? 0));
}

export function post<T>(path: string, body?: unknown): Promise<T> {
  const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return ask<T>(path, { method: 'POST', ...(body === undefined ? {} : json) });
}

export function previewOf({ photo_id }: Photo): string {
  return `/page/photos/${photo_id}/preview`;
}
