import { LeftOut } from './fault-case.ts';

/** Path of a program that Debian has as a package; the environment's goes first (docs/testing.md). */
export function findTool(name: 'strace' | 'faketime'): string | null {
  return process.env[`DEMETER_TEST_${name.toUpperCase()}`] || Bun.which(name);
}

/** Throws LeftOut where this machine does not have it. */
export function requireTool(name: 'strace' | 'faketime'): string {
  const path = findTool(name);
  if (path === null) throw new LeftOut(`${name} is not installed`);
  return path;
}
