import { Glob } from 'bun';

/** In the order in which they begin: the longest suite of all is one of integration tests. */
export const KINDS = ['integration', 'unit', 'system'] as const;
export type Kind = (typeof KINDS)[number];

/** Test files that share one `bun test` process. */
export interface Suite {
  readonly name: string;
  readonly kind: Kind;
  /** Paths from the project's root. */
  readonly files: readonly string[];
}

/** Those with long suites first: what is begun last is short, and both cores are busy to the end. */
const PARTS = [
  ...['core', 'cli', 'edge', 'inference', 'common'],
  ...['tests', 'migrations', 'proto', 'web', 'bench'],
];

/** So many files of unit tests share a process at most: a part with more is spread over the cores. */
const UNIT_FILES_MAX = 12;

/** docs/testing.md: the kind is in the file's name. */
export function kindOf(path: string): Kind {
  if (path.endsWith('.system.test.ts')) return 'system';
  return path.endsWith('.integration.test.ts') ? 'integration' : 'unit';
}

/**
 * The suites of `kinds`, in the order of `kinds` and parts: unit tests in suites of a few files;
 * integration tests one suite per part, since some look at what all of a server's clients do;
 * system tests one each, since they start whole systems of processes.
 */
export async function findSuites(
  root: string,
  kinds: readonly Kind[],
  filters: readonly string[],
): Promise<readonly Suite[]> {
  const suites: Suite[] = [];
  for (const kind of kinds) {
    for (const part of PARTS) {
      const files = (await testFiles(root, part)).filter(
        (path) =>
          kindOf(path) === kind && (filters.length === 0 || filters.some((f) => path.includes(f))),
      );
      if (files.length > 0) suites.push(...suitesOf(kind, part, files));
    }
  }
  return suites;
}

function suitesOf(kind: Kind, part: string, files: readonly string[]): readonly Suite[] {
  if (kind === 'system') {
    return files.map((path) => ({ name: `system ${path}`, kind, files: [path] }));
  }
  const count = kind === 'unit' ? Math.ceil(files.length / UNIT_FILES_MAX) : 1;
  if (count === 1) return [{ name: `${kind} ${part}`, kind, files }];
  return Array.from({ length: count }, (_, n) => ({
    name: `${kind} ${part} ${n + 1} of ${count}`,
    kind,
    files: files.slice((n * files.length) / count, ((n + 1) * files.length) / count),
  }));
}

async function testFiles(root: string, part: string): Promise<string[]> {
  const glob = new Glob(`${part}/**/*.test.ts`);
  const files = await Array.fromAsync(glob.scan({ cwd: root }));
  return files.filter((path) => !path.includes('node_modules')).sort();
}
