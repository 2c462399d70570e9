import { join, normalize } from 'node:path';
import { Glob } from 'bun';

/** One file of our own code, with what it imports. */
export interface SourceFile {
  /** From the project's root. */
  readonly path: string;
  readonly part: string;
  readonly isTest: boolean;
  readonly lines: readonly string[];
  /** Specifiers as written. */
  readonly imports: readonly string[];
  /** Relative imports as paths from the root. */
  readonly targets: readonly string[];
  /** The same without `import type`, which leaves nothing at run time. */
  readonly valueTargets: readonly string[];
}

const PATTERN =
  '{proto,common,migrations,core,edge,inference,web,cli,tests,bench,models}/**/*.{ts,svelte,css,html,py}';
const NOT_OURS = /(^|\/)(node_modules|gen|dist|build|\.venv)\/|\.gen\.ts$|\.d\.ts$/;
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:(type)\s)?[^'"();]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Reads all code that people write; generated and foreign files are left out. */
export async function sourceFiles(root: string): Promise<SourceFile[]> {
  const paths = await Array.fromAsync(new Glob(PATTERN).scan({ cwd: root }));
  return await Promise.all(
    paths
      .filter((path) => !NOT_OURS.test(path))
      .sort()
      .map(async (path) => toSourceFile(path, await Bun.file(join(root, path)).text())),
  );
}

function toSourceFile(path: string, text: string): SourceFile {
  const found = [...text.matchAll(IMPORT)].map((match) => ({
    name: match[2] ?? match[3] ?? match[4] ?? '',
    isType: match[1] === 'type',
  }));
  const relative = found.filter(({ name }) => name.startsWith('.'));
  const toPath = ({ name }: { name: string }) => normalize(join(path, '..', name));
  return {
    path,
    part: path.slice(0, path.indexOf('/')),
    isTest: /\.test\.ts$/.test(path) || /(^|\/)_[^/]+$/.test(path),
    lines: text.replace(/\n$/, '').split('\n'),
    imports: found.map(({ name }) => name),
    targets: relative.map(toPath),
    valueTargets: relative.filter(({ isType }) => !isType).map(toPath),
  };
}
