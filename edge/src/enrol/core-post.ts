import type { Clock } from '@demeter/common/clock';
import { AppError, type ErrorCode, isErrorCode } from '@demeter/common/errors';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { DestinationFailure } from '../forward/failures.ts';
import { failureOfAnswer, failureOfError } from '../forward/recognise.ts';
import { sentenceOf } from '../forward/symptoms.ts';
import { type Transport, withTimeout } from '../forward/transport.ts';

const TIMEOUT_MS = 15_000;

const Problem = Type.Object({
  code: Type.String(),
  detail: Type.String(),
  hint: Type.Optional(Type.String()),
  server_time: Type.Optional(Type.String()),
});

export interface Post {
  readonly url: string;
  readonly body: object;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly transport: Pick<Transport, 'fetch'>;
  readonly signal: AbortSignal;
}

/**
 * What the centre answers to a box that has no token yet. Throws AppError with the centre's code
 * where it refuses, and DestinationFailure where it is away or something else answers.
 */
export async function postToCore<S extends TSchema>(
  { url, body, clock, transport, signal }: Post,
  schema: S,
): Promise<Static<S>> {
  let answer: Response;
  let text: string;
  try {
    [answer, text] = await withTimeout(clock, TIMEOUT_MS, signal, async (limited) => {
      const found = await transport.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        // A captive portal redirects; neither code nor assertion must follow.
        redirect: 'manual',
        signal: limited,
      });
      return [found, await found.text()] as const;
    });
  } catch (error) {
    throw failureOfError('core', error);
  }
  const value = parseJson(text);
  if (answer.ok && Value.Check(schema, value)) return value;
  const problem = Value.Check(Problem, value) && isErrorCode(value.code) ? value : null;
  const { status, headers } = answer;
  if (problem && status < 500 && status !== 429) {
    const { code, detail, hint, server_time } = problem;
    const details = server_time === undefined ? {} : { server_time };
    throw new AppError(code as ErrorCode, detail, { ...(hint && { hint }), details });
  }
  const seen = {
    destination: 'core',
    status,
    contentType: headers.get('content-type') ?? '',
    text,
    code: problem?.code ?? null,
    retryAfter: headers.get('retry-after'),
  } as const;
  const strange = sentenceOf('wrong_answer', 'core');
  throw (
    failureOfAnswer(seen, clock.now()) ?? new DestinationFailure('core', 'wrong_answer', strange)
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
