import type { AdminContext } from './admin-context.ts';

/** What a command answers: shown as a table, or whole with --json. */
export type Answer =
  | Readonly<Record<string, unknown>>
  | readonly Readonly<Record<string, unknown>>[];

export interface Arguments {
  /** Words after the command's name. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

export interface Command {
  readonly usage: string;
  readonly about: string;
  /** The part of the answer that alone goes to stdout, for a file; the rest goes to stderr. */
  readonly alone?: string;
  readonly run: (context: AdminContext, args: Arguments) => Promise<Answer>;
}

/** An option's text; undefined where it was not given or has no value. */
export function textOption({ options }: Arguments, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}
