import { AppError } from '@demeter/common/errors';
import type { ValidationError } from 'elysia';

/** What is read of one of Elysia's faults. */
interface Fault {
  readonly path?: string;
  readonly message?: string;
  readonly schema?: { readonly anyOf?: readonly Alternative[] };
}

interface Alternative {
  readonly type?: string;
  readonly const?: unknown;
}

/** A refused body, query or path as INVALID_INPUT: the offending field, and what is allowed. */
export function invalidInput(error: ValidationError, url: string): AppError {
  const [fault] = error.all as readonly Fault[];
  const field = fieldOf(error, fault, url);
  return new AppError('INVALID_INPUT', `${field}: ${reasonOf(fault)}.`, { field });
}

function fieldOf(error: ValidationError, fault: Fault | undefined, url: string): string {
  const path = (fault?.path ?? '').replace(/^\//, '').replaceAll('/', '.');
  if (path !== '') return path;
  if (error.type !== 'property') return error.type;
  // A number of the query that is out of range comes without its name.
  for (const [name, value] of new URL(url).searchParams) {
    if (Number(value) === error.value) return name;
  }
  return 'query';
}

function reasonOf(fault: Fault | undefined): string {
  const alternatives = fault?.schema?.anyOf ?? [];
  const values = alternatives.filter((one) => one.const !== undefined).map((one) => one.const);
  if (values.length > 0) return `expected one of ${values.join(', ')}`;
  const number = alternatives.find((one) => one.type === 'integer' || one.type === 'number');
  if (number) return `expected ${number.type === 'integer' ? 'a whole number' : 'a number'}`;
  return (fault?.message ?? 'not valid').toLowerCase();
}
