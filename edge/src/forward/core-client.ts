import type { Clock } from '@demeter/common/clock';
import { isErrorCode } from '@demeter/common/errors';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { JSONWebKeySet } from 'jose';
import type { Credential } from '../enrol/credential.ts';
import { DestinationFailure, Refusal } from './failures.ts';
import type { Registration } from './registration.ts';
import { type Transport, withTimeout } from './transport.ts';

/** The core's side of docs/protocols.md, "Edge → core". What is not exactly that, is no answer. */

const GrantSchema = Type.Object({
  method: Type.Literal('PUT'),
  url: Type.String({ minLength: 1 }),
  headers: Type.Record(Type.String(), Type.String()),
});
const GrantAnswer = Type.Union([
  Type.Object({ state: Type.Literal('put'), grant: GrantSchema }),
  Type.Object({ state: Type.Literal('stored') }),
]);
const RegisterAnswer = Type.Object({
  photo_id: Type.String(),
  state: Type.String(),
  receipt: Type.String({ minLength: 1 }),
});
const PhotoAnswer = Type.Object({ detected: Type.Union([Type.Integer(), Type.Null()]) });
const KeysAnswer = Type.Object({ keys: Type.Array(Type.Object({ kid: Type.String() })) });
const ProblemAnswer = Type.Object({ code: Type.String(), detail: Type.Optional(Type.String()) });

export type PutGrant = Static<typeof GrantSchema>;

export interface GrantRequest {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
}

const PING_TIMEOUT_MS = 5_000;
const GRANT_TIMEOUT_MS = 15_000;
/** The core reads and hashes the photo from its store before it answers. */
const REGISTER_TIMEOUT_MS = 120_000;
const ASK_TIMEOUT_MS = 60_000;

export class CoreClient {
  constructor(
    private readonly url: string,
    private readonly credential: Credential,
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly transport: Transport,
  ) {}

  /** Throws DestinationFailure, Refusal. */
  async grant(request: GrantRequest, signal: AbortSignal): Promise<Static<typeof GrantAnswer>> {
    return await this.#post('edge/grants', request, GrantAnswer, GRANT_TIMEOUT_MS, signal);
  }

  /** Throws DestinationFailure, Refusal. */
  async register(
    registration: Registration,
    signal: AbortSignal,
  ): Promise<Static<typeof RegisterAnswer>> {
    const path = 'edge/photos';
    return await this.#post(path, registration, RegisterAnswer, REGISTER_TIMEOUT_MS, signal);
  }

  /** The grant's address; a relative one is the core's own. */
  urlOf(grant: PutGrant): URL {
    return new URL(grant.url, this.url);
  }

  /** How a photo of this edge stands at the core. Throws DestinationFailure, Refusal. */
  async photo(sha256: string, signal: AbortSignal): Promise<Static<typeof PhotoAnswer>> {
    const path = `edge/photos/${sha256}`;
    return await this.#asEdge(path, { method: 'GET' }, PhotoAnswer, PING_TIMEOUT_MS, signal);
  }

  /** Any other request of this edge's own. Throws DestinationFailure, Refusal. */
  async ask<S extends TSchema>(
    path: string,
    schema: S,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<Static<S>> {
    if (body !== undefined) return await this.#post(path, body, schema, ASK_TIMEOUT_MS, signal);
    return await this.#asEdge(path, { method: 'GET' }, schema, ASK_TIMEOUT_MS, signal);
  }

  /** The keys of its receipts: a request that costs next to nothing. Throws DestinationFailure. */
  async keys(signal: AbortSignal): Promise<JSONWebKeySet> {
    const init = { method: 'GET' };
    return (await this.#call('keys', init, KeysAnswer, PING_TIMEOUT_MS, signal)) as JSONWebKeySet;
  }

  async #post<S extends TSchema>(
    path: string,
    body: unknown,
    schema: S,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Static<S>> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return await this.#asEdge(path, init, schema, timeoutMs, signal);
  }

  async #asEdge<S extends TSchema>(
    path: string,
    init: RequestInit,
    schema: S,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Static<S>> {
    for (let isFirst = true; ; isFirst = false) {
      const token = await this.credential.token(signal);
      const headers = { ...init.headers, authorization: `Bearer ${token}` };
      try {
        return await this.#call(path, { ...init, headers }, schema, timeoutMs, signal);
      } catch (error) {
        const refused = error instanceof DestinationFailure && error.kind === 'credential_refused';
        if (!refused || !this.credential.refused(token) || !isFirst) throw error;
      }
    }
  }

  async #call<S extends TSchema>(
    path: string,
    init: RequestInit,
    schema: S,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Static<S>> {
    let answer: Response;
    let text: string;
    try {
      [answer, text] = await withTimeout(this.clock, timeoutMs, signal, async (limited) => {
        const url = `${this.url}/api/v1/${path}`;
        // A captive portal redirects; the credential must not follow.
        const options: RequestInit = { ...init, redirect: 'manual', signal: limited };
        const found = await this.transport.fetch(url, options);
        return [found, await found.text()] as const;
      });
    } catch (error) {
      const kind = (error as Error).name === 'TimeoutError' ? 'timeout' : 'unreachable';
      throw new DestinationFailure('core', kind, 'the core cannot be reached', 0, { cause: error });
    }
    const value = parseJson(text);
    if (answer.ok && Value.Check(schema, value)) return value;
    throw toFailure(answer, value);
  }
}

function toFailure(answer: Response, value: unknown): Error {
  const { status } = answer;
  const problem = Value.Check(ProblemAnswer, value) ? value : null;
  if (status >= 500 || status === 429 || status === 408) {
    const seconds = Number(answer.headers.get('retry-after'));
    const waitMs = seconds > 0 ? Math.min(seconds, 300) * 1000 : 0;
    const said = problem?.code ?? 'no reason';
    const message = `the core answered ${status} (${said})`;
    return new DestinationFailure('core', 'unavailable', message, waitMs);
  }
  if (problem && isErrorCode(problem.code)) {
    if (status === 401 || status === 403) {
      const message = `the core refuses this edge's credential (${problem.code})`;
      return new DestinationFailure('core', 'credential_refused', message);
    }
    return new Refusal(problem.code, status, problem.detail ?? problem.code);
  }
  const message = `something other than the core answered (${status})`;
  return new DestinationFailure('core', 'wrong_answer', message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
