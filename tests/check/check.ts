import { resolve } from 'node:path';
import { mustRun } from '../run/commands.ts';

/** One house rule: `run` throws an Error whose message says what is wrong and how to mend it. */
export interface Check {
  readonly name: string;
  run(): Promise<void>;
  /** Where a program can mend it: `bun run check --fix`. */
  fix?(): Promise<void>;
}

export const ROOT = resolve(import.meta.dir, '../..');

/** All parts with TypeScript of their own. */
export const PARTS = [
  ...['proto', 'common', 'migrations', 'core', 'edge', 'inference'],
  ...['web', 'cli', 'tests', 'bench'],
] as const;

/** A program of the development packages, from the project's root. */
export async function tool(...args: string[]): Promise<string> {
  return await mustRun([process.execPath, 'x', '--bun', ...args], { cwd: ROOT });
}

export async function bun(...args: string[]): Promise<string> {
  return await mustRun([process.execPath, '--no-env-file', ...args], { cwd: ROOT });
}
