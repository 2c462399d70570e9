import type { TSchema } from '@sinclair/typebox';
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import { Value } from '@sinclair/typebox/value';
import { distance } from 'fastest-levenshtein';

/** What is wrong with a value of a configuration, and where. */
export interface Problem {
  /** Keys and indexes from the root. */
  readonly path: readonly (string | number)[];
  /** A sentence's rest: "must be …", "is no key here: did you mean …?". */
  readonly reason: string;
}

/** As many as a person mends at a time. */
const PROBLEMS_MAX = 20;

/** Everything in which `value` differs from the schema, and zones that do not exist. */
export function problemsOf(schema: TSchema, value: unknown): Problem[] {
  const found: Problem[] = [];
  const seen = new Set<string>();
  for (const error of Value.Errors(schema, value)) {
    // One sentence for one place: the first says the most.
    if (seen.has(error.path)) continue;
    seen.add(error.path);
    found.push({ path: toPath(error.path, value), reason: reasonOf(error) });
    if (found.length >= PROBLEMS_MAX) return found;
  }
  return found.length > 0 ? found : zonesOf(value, []);
}

function reasonOf(error: ValueError): string {
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const known = Object.keys(error.schema.properties ?? {});
    const name = fromPointer(error.path.split('/').pop() ?? '');
    return `is no key here: ${nearest(name, known)}`;
  }
  if (error.type === ValueErrorType.ObjectRequiredProperty) return 'is missing';
  const { description } = error.schema;
  return description ? `must be ${description}` : lowerFirst(error.message);
}

/** The key that was probably meant, or all there are. */
export function nearest(name: string, known: readonly string[]): string {
  const [best] = known
    .map((key) => ({ key, slips: distance(name.toLowerCase(), key) }))
    .sort((a, b) => a.slips - b.slips);
  const begun = known.find((key) => name.length > 2 && key.startsWith(name));
  if (begun !== undefined) return `did you mean ${begun}?`;
  const close = best && best.slips <= Math.max(2, Math.floor(best.key.length / 3));
  return close ? `did you mean ${best.key}?` : `known are ${known.join(', ')}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A JSON pointer as keys; digits are indexes where the value is an array. */
function toPath(pointer: string, value: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  let at: unknown = value;
  for (const part of pointer.split('/').slice(1).map(fromPointer)) {
    path.push(Array.isArray(at) ? Number(part) : part);
    at = (at as Record<string, unknown> | null | undefined)?.[part];
  }
  return path;
}

function fromPointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function zonesOf(value: unknown, path: readonly (string | number)[]): Problem[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    if (key !== 'time_zone' || typeof child !== 'string') return zonesOf(child, here);
    return isTimeZone(child)
      ? []
      : [{ path: here, reason: 'must be a time zone as Europe/Berlin' }];
  });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
