/** The core's REST API, as far as the commands need it. */

/** GeoJSON, longitude before latitude. */
export interface GeoPolygon {
  readonly type: 'Polygon';
  readonly coordinates: readonly (readonly (readonly [number, number])[])[];
}

export interface CorePhoto {
  readonly photo_id: string;
  readonly state: string;
  readonly quarantine_reason: string | null;
  readonly location: { readonly code: string } | null;
  readonly verdict: {
    readonly result: string;
    readonly reasons: readonly { readonly code: string; readonly sentence: string }[];
  } | null;
  readonly session: {
    readonly state: string;
    readonly detected: number | null;
    readonly error_code: string | null;
    readonly error_message: string | null;
  };
  readonly run: {
    readonly state: string;
    readonly detected: number | null;
    readonly counts: Readonly<Record<string, number>> | null;
  } | null;
  readonly batch: { readonly code: string } | null;
}

/** `GET /system/mesh`, as far as it is needed. */
export interface MeshReport {
  readonly servers: readonly {
    readonly ready: boolean;
    readonly models: readonly {
      readonly name: string;
      readonly version: string;
      readonly state: string;
    }[];
  }[];
}

/** An answer other than 2xx; `code` is the problem's, where it has one. */
export class CoreRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** What to do about it; empty where the answer does not say. */
    readonly hint = '',
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 30_000;

export class CoreClient {
  constructor(
    readonly url: string,
    private readonly token: string,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /** Throws CoreRefusal. */
  async get<T>(path: string): Promise<T> {
    return await this.#send<T>('GET', path);
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return await this.#send<T>('POST', path, body);
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return await this.#send<T>('PUT', path, body);
  }

  async delete<T>(path: string): Promise<T> {
    return await this.#send<T>('DELETE', path);
  }

  /** Sends a form; files in it are streamed from disk. */
  async putForm<T>(path: string, form: FormData): Promise<T> {
    return await this.#fetch<T>(path, { method: 'PUT', body: form });
  }

  /** All items of a list, page by page. */
  async *list<T>(path: string): AsyncGenerator<T> {
    let cursor: string | null = null;
    do {
      const query: string = `limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: { items: readonly T[]; next: string | null } = await this.get(`${path}?${query}`);
      yield* page.items;
      cursor = page.next;
    } while (cursor !== null);
  }

  async #send<T>(method: string, path: string, body?: unknown): Promise<T> {
    return await this.#fetch<T>(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async #fetch<T>(path: string, init: RequestInit): Promise<T> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${this.token}`);
    const signal = AbortSignal.timeout(this.timeoutMs);
    const response = await fetch(`${this.url}/api/v1${path}`, { ...init, headers, signal });
    const text = await response.text();
    if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
    throw toRefusal(response.status, text);
  }
}

/** Reads a problem document, of the core or the edge. */
export function toRefusal(status: number, text: string): CoreRefusal {
  try {
    const problem = JSON.parse(text) as { code?: string; detail?: string; hint?: string };
    const { code = `HTTP_${status}`, detail = text, hint } = problem;
    return new CoreRefusal(status, code, detail, hint);
  } catch {
    return new CoreRefusal(status, `HTTP_${status}`, text.slice(0, 200));
  }
}
