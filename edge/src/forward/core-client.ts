import type { Clock } from '@demeter/common/clock';
import { type ErrorCode, isErrorCode } from '@demeter/common/errors';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { decodeJwt, type JSONWebKeySet } from 'jose';
import type { Credential } from '../enrol/credential.ts';
import { CentreTime } from './centre-time.ts';
import { DestinationFailure, Refusal } from './failures.ts';
import { failureOfAnswer, failureOfError } from './recognise.ts';
import type { Registration } from './registration.ts';
import { sentenceOf } from './symptoms.ts';
import { type Transport, withTimeout } from './transport.ts';

/** The core's side of docs/protocols.md, "Edge → core". What is not exactly that, is no answer. */

export const PutGrant = Type.Object({
  method: Type.Literal('PUT'),
  url: Type.String({ minLength: 1 }),
  headers: Type.Record(Type.String(), Type.String()),
});
const UploadGrant = Type.Object({
  id: Type.String({ minLength: 1 }),
  part_bytes: Type.Integer({ minimum: 1 }),
});
const GrantAnswer = Type.Union([
  Type.Object({ state: Type.Literal('put'), grant: PutGrant }),
  Type.Object({ state: Type.Literal('parts'), upload: UploadGrant }),
  Type.Object({ state: Type.Literal('stored') }),
]);
const RegisterAnswer = Type.Object({
  photo_id: Type.String(),
  state: Type.String(),
  receipt: Type.String({ minLength: 1 }),
});
const StatesAnswer = Type.Object({
  photos: Type.Array(
    Type.Object({
      photo_id: Type.String(),
      detected: Type.Union([Type.Integer(), Type.Null()]),
    }),
  ),
});
const KeysAnswer = Type.Object({
  keys: Type.Array(Type.Object({ kid: Type.String() }), { minItems: 1 }),
});
const ProblemAnswer = Type.Object({ code: Type.String(), detail: Type.Optional(Type.String()) });

export type PutGrant = Static<typeof PutGrant>;
export type UploadGrant = Static<typeof UploadGrant>;

export interface GrantRequest {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
  /** This box can send in parts. */
  readonly parts: true;
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
    private readonly clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>,
    private readonly transport: Transport,
    private readonly time: CentreTime = new CentreTime(clock),
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

  /** How photos of this edge stand at the core, 100 at most. Throws DestinationFailure, Refusal. */
  async states(
    photos: readonly string[],
    signal: AbortSignal,
  ): Promise<Static<typeof StatesAnswer>['photos']> {
    const path = 'edge/photos/states';
    return (await this.#post(path, { photos }, StatesAnswer, GRANT_TIMEOUT_MS, signal)).photos;
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

  /**
   * An answer whose body is not read yet, with its own status: 2xx or 304.
   * Throws DestinationFailure, Refusal.
   */
  async open(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> {
    return await this.#withToken(signal, async (authorization) => {
      const init: RequestInit = { headers: { ...headers, authorization }, redirect: 'manual' };
      const answer = await withTimeout(this.clock, ASK_TIMEOUT_MS, signal, (limited) =>
        this.transport.fetch(`${this.url}/api/v1/${path}`, { ...init, signal: limited }),
      ).catch(toUnreachable);
      if (answer.ok || answer.status === 304) return answer;
      throw this.#toFailure(answer, await answer.text().catch(() => ''));
    });
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
    return await this.#withToken(signal, async (authorization) => {
      const headers = { ...init.headers, authorization };
      return await this.#call(path, { ...init, headers }, schema, timeoutMs, signal);
    });
  }

  async #withToken<T>(signal: AbortSignal, use: (authorization: string) => Promise<T>): Promise<T> {
    for (let isFirst = true; ; isFirst = false) {
      const token = await this.credential.token(signal);
      try {
        return await use(`Bearer ${token}`);
      } catch (error) {
        if (!isRefused(error)) throw error;
        if (this.credential.refused(token) && isFirst) continue;
        throw hasEnded(token, this.time.now()) ? toEnded(error) : error;
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
    const askedAt = this.clock.monotonic();
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
      return toUnreachable(error);
    }
    const value = parseJson(text);
    const isAnswer = answer.ok && Value.Check(schema, value);
    if (isAnswer || problemOf(value)) this.time.note(answer.headers.get('date'), askedAt);
    if (isAnswer) return value;
    throw this.#toFailure(answer, text);
  }

  #toFailure({ status, headers }: Response, text: string): Error {
    const problem = problemOf(parseJson(text));
    const seen = {
      destination: 'core' as const,
      status,
      contentType: headers.get('content-type') ?? '',
      text,
      code: problem?.code ?? null,
      retryAfter: headers.get('retry-after'),
    };
    const failure = failureOfAnswer(seen, this.clock.now());
    if (failure) return failure;
    // What is no failure of the whole carries the core's code.
    const { code, detail } = problem as Problem;
    return new Refusal(code, status, detail ?? code);
  }
}

interface Problem {
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
}

/** A problem document of the core's, by its code. */
function problemOf(value: unknown): Problem | null {
  if (!Value.Check(ProblemAnswer, value) || !isErrorCode(value.code)) return null;
  return { code: value.code, detail: value.detail };
}

function toUnreachable(error: unknown): never {
  throw failureOfError('core', error);
}

function isRefused(error: unknown): error is DestinationFailure {
  return error instanceof DestinationFailure && error.kind === 'credential_refused';
}

/** By what the token says of itself. */
function hasEnded(token: string, now: number): boolean {
  try {
    const { exp } = decodeJwt(token);
    return exp !== undefined && exp * 1000 <= now;
  } catch {
    return false;
  }
}

function toEnded(cause: DestinationFailure): DestinationFailure {
  const message = sentenceOf('credential_expired', 'core');
  return new DestinationFailure('core', 'credential_expired', message, 0, { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
