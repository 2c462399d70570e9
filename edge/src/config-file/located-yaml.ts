import { readFileSync } from 'node:fs';
import { type Problem, problemsOf } from '@demeter/common/edge-configuration/problems';
import { AppError } from '@demeter/common/errors';
import type { Static, TSchema } from '@sinclair/typebox';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';

type Path = readonly (string | number)[];

/** A file's contents, checked, and where each value stands in it. */
export interface Located<T> {
  readonly value: T;
  /** "/etc/demeter/edge.yaml:12:5" of the value, or of what holds it. */
  whereIs(path: Path): string;
}

/** A file of settings is small; a larger one is another file. */
const BYTES_MAX = 1024 * 1024;

/**
 * Reads YAML (and so JSON) against a schema. Throws INVALID_SETTING naming `setting`, with file,
 * line, column, path and reason of each problem.
 */
export function readLocatedYaml<S extends TSchema>(
  path: string,
  schema: S,
  setting: string,
): Located<Static<S>> {
  const text = readText(path, setting);
  const lines = new LineCounter();
  // Aliases are not resolved without end: a file of a few lines could fill the memory.
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', uniqueKeys: true });
  const whereIs = (at: Path) => locate(path, document, lines, at);
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    const said = broken.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '');
    throw invalid(setting, [`${path}:${line}:${col}: ${said}`]);
  }
  const value = toValue(document, path, setting);
  const problems = problemsOf(schema, value);
  if (problems.length > 0) {
    throw invalid(
      setting,
      problems.map((problem) => toLine(problem, whereIs)),
    );
  }
  return { value: value as Static<S>, whereIs };
}

function readText(path: string, setting: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > BYTES_MAX) throw new Error('the file is larger than 1 MiB');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid(setting, [`${path} cannot be read: ${(cause as Error).message}`]);
  }
}

/** An empty file is one without settings. */
function toValue(document: Document, path: string, setting: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    throw invalid(setting, [`${path}: ${(cause as Error).message}`]);
  }
}

/** `file:line:column: cameras.0.code: must be …`, as editors and people read it. */
export function toLine({ path, reason }: Problem, whereIs: (path: Path) => string): string {
  return `${whereIs(path)}: ${path.length > 0 ? `${path.join('.')}: ` : ''}${reason}`;
}

export function invalid(setting: string, lines: readonly string[]): AppError {
  const said = lines.join('\n');
  return new AppError('INVALID_SETTING', /[.?!]$/.test(said) ? said : `${said}.`, {
    field: setting,
    hint: 'docs/edge.md says what may stand there.',
  });
}

/** The key where there is one, because a person looks for it; else the nearest thing around it. */
function locate(file: string, document: Document, lines: LineCounter, path: Path): string {
  for (let depth = path.length; depth >= 0; depth--) {
    const at = startOf(document, path.slice(0, depth));
    if (at === undefined) continue;
    const { line, col } = lines.linePos(at);
    return `${file}:${line}:${col}`;
  }
  return file;
}

function startOf(document: Document, path: Path): number | undefined {
  const last = path.at(-1);
  const parent = path.length === 0 ? undefined : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === last);
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
