import type { Counts } from './junit.ts';

export interface LeftOut {
  /** A sentence for each server that could not be had. */
  readonly servers: readonly string[];
  /** True where the folder of others' photos is not there. */
  readonly data: boolean;
  /** Names of skipped tests; the name says the need. */
  readonly tests: readonly string[];
}

/**
 * Whether a skipped test is no failure in CI: for want of a GPU, or of others' photos, which are no
 * part of the project.
 */
function isExcused(name: string, withoutData: boolean): boolean {
  if (/\bGPU\b/.test(name)) return true;
  return withoutData && (name.includes('DEMETER_TEST_DATA') || !name.includes('DEMETER_TEST_'));
}

/** One line for each file with skipped tests. */
function byFile(names: readonly string[]): string[] {
  const files = Map.groupBy(names, (name) => name.split(' > ')[0]!);
  return [...files].map(([file, tests]) => {
    const needs = new Set(tests.flatMap((name) => name.match(/DEMETER_TEST_\w+|\bGPU\b/g) ?? []));
    const why = needs.size > 0 ? `, needs ${[...needs].join(', ')}` : '';
    return `left out: ${tests.length} of ${file}${why}`;
  });
}

/** Prints what failed and what was left out, then the closing line. True: all is well. */
export function report(total: Counts, leftOut: LeftOut, ci: boolean): boolean {
  const failed = [...total.failed];
  const lines: string[] = [];
  for (const server of leftOut.servers) lines.push(`left out, could not be had: ${server}`);
  if (leftOut.data) lines.push('left out: tests that need the photos of DEMETER_TEST_DATA');
  lines.push(...byFile(leftOut.tests));
  if (ci) {
    const unmet = leftOut.tests.filter((name) => !isExcused(name, leftOut.data));
    const names = [...leftOut.servers, ...unmet];
    failed.push(...names.map((name) => `in CI nothing may be left out: ${name}`));
  }
  if (total.passed === 0 && failed.length === 0) failed.push('no test ran');
  for (const line of lines) console.log(line);
  for (const name of failed) console.log(`failed: ${name}`);
  console.log(`${total.passed} passed, ${failed.length} failed`);
  return failed.length === 0;
}
