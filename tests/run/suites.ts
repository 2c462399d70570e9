import { Glob } from 'bun';

export const KINDS = ['unit', 'integration', 'system'] as const;
export type Kind = (typeof KINDS)[number];

/** Test files that share one `bun test` process. */
export interface Suite {
  readonly name: string;
  readonly kind: Kind;
  /** Paths from the project's root. */
  readonly files: readonly string[];
}

const PARTS = [
  ...['proto', 'common', 'migrations', 'edge', 'inference', 'core'],
  ...['web', 'cli', 'bench', 'tests'],
];

/** docs/testing.md: the kind is in the file's name. */
export function kindOf(path: string): Kind {
  if (path.endsWith('.system.test.ts')) return 'system';
  return path.endsWith('.integration.test.ts') ? 'integration' : 'unit';
}

/**
 * The suites of `kinds`, quick ones first: one per part and kind, so that few processes start and
 * none grows large; system tests one each, since they start whole systems of processes.
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
      if (files.length === 0) continue;
      if (kind === 'system') {
        suites.push(...files.map((path) => ({ name: `system ${path}`, kind, files: [path] })));
      } else {
        suites.push({ name: `${kind} ${part}`, kind, files });
      }
    }
  }
  return suites;
}

async function testFiles(root: string, part: string): Promise<string[]> {
  const glob = new Glob(`${part}/**/*.test.ts`);
  const files = await Array.fromAsync(glob.scan({ cwd: root }));
  return files.filter((path) => !path.includes('node_modules')).sort();
}
