import { type Destination, DestinationFailure } from './failures.ts';
import { type StrangeAnswer, sentenceOf, symptomOfAnswer, symptomOfError } from './symptoms.ts';

/** A destination that asks for longer than this is asked again all the same. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** A request that had no answer. */
export function failureOfError(destination: Destination, error: unknown): DestinationFailure {
  const code = symptomOfError(error);
  const message = sentenceOf(code, destination);
  return new DestinationFailure(destination, code, message, 0, { cause: error });
}

/** An answer that speaks of its destination as a whole; null: it speaks of this one request. */
export function failureOfAnswer(
  answer: StrangeAnswer & { readonly retryAfter: string | null },
  now: number,
): DestinationFailure | null {
  const code = symptomOfAnswer(answer);
  if (code === null) return null;
  const waitMs = retryAfterMs(answer.retryAfter, now);
  const cause = new Error(`status ${answer.status} ${answer.code ?? answer.text.slice(0, 200)}`);
  const message = sentenceOf(code, answer.destination);
  return new DestinationFailure(answer.destination, code, message, waitMs, { cause });
}

/** Seconds, or a date (RFC 9110, 10.2.3); 0: nothing is asked for. */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null || header.trim() === '') return 0;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), RETRY_AFTER_MAX_MS);
}
