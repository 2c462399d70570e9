/**
 * The shape of the code, as docs/architecture.md ("Boundaries") states it. Isolated workspaces and
 * Biome hold part of it; this reads the files, and says which line breaks which rule.
 */
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { type SourceFile, sourceFiles } from './_source-files.ts';

const ROOT = join(import.meta.dir, '..');
const LINES_MAX = 400;

/** Which `@demeter/` packages a part may import. Tests of core also migrate a database. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  proto: [],
  common: ['proto'],
  migrations: [],
  edge: ['proto', 'common'],
  inference: ['proto', 'common'],
  core: ['proto', 'common', 'migrations'],
  web: [],
  cli: ['proto', 'common'],
  tests: ['proto', 'common'],
  bench: ['proto', 'common'],
};

/** Inside a part, upwards in this order; what is not named here is a feature. */
const LAYERS: Readonly<Record<string, number>> = {
  ...{ db: 0, buffer: 0, model: 0 },
  ...{ http: 2, rpc: 2 },
  ...{
    'service.ts': 3,
    service: 3,
    simulation: 4,
    'main.ts': 4,
    'admin.ts': 4,
    'supervisor-main.ts': 4,
  },
};
const FEATURE = 1;

const files = await sourceFiles(ROOT);
const code = files.filter((file) => /\.(ts|svelte)$/.test(file.path));
const product = code.filter((file) => /^(core|edge|inference|common)\//.test(file.path));

/** `path:line` of each line that matches. */
function hits(among: readonly SourceFile[], pattern: RegExp): string[] {
  return among.flatMap((file) =>
    file.lines.flatMap((line, index) =>
      pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line) ? [`${file.path}:${index + 1}`] : [],
    ),
  );
}

describe('parts', () => {
  test('import only the parts they may know', () => {
    const wrong = code.flatMap((file) =>
      file.imports
        .map((name) => /^@demeter\/([a-z]+)/.exec(name)?.[1])
        .filter((part) => part !== undefined && part !== file.part)
        .filter((part) => !MAY_IMPORT[file.part]?.includes(part!))
        .map((part) => `${file.path} imports ${part}`),
    );
    expect(wrong).toEqual([]);
  });

  test('reach into no other part by a relative path', () => {
    const wrong = code.flatMap((file) =>
      file.targets
        .filter((target) => !target.startsWith(`${file.part}/`))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('migrations import Kysely and nothing else', () => {
    const wrong = code
      .filter((file) => file.part === 'migrations')
      .flatMap((file) => file.imports.filter((name) => !/^kysely(\/|$)/.test(name)));
    expect(wrong).toEqual([]);
  });
});

describe('inside a part', () => {
  const layered = code.filter(
    (file) => /^(core|edge|inference)\/src\//.test(file.path) && !file.isTest,
  );
  const byPath = new Map(layered.map((file) => [file.path, file]));
  const layer = (path: string): number | undefined => {
    const [, , first, second] = path.split('/');
    if (first === undefined) return undefined;
    // A file at the top (config, context, events) is known to all unless it is named above.
    if (second === undefined) return LAYERS[first];
    const found = LAYERS[first] ?? FEATURE;
    // What http/ or rpc/ offer to all routes, and which knows no feature, stands below them.
    return found > FEATURE && !knowsFeature(path) ? undefined : found;
  };
  const knowsFeature = (path: string, seen = new Set<string>()): boolean => {
    if (seen.has(path)) return false;
    seen.add(path);
    const targets = byPath.get(path)?.valueTargets ?? [];
    return targets.some(
      (target) =>
        isFeature(target) || (/\/(http|rpc)\//.test(target) && knowsFeature(target, seen)),
    );
  };

  test('imports go down: main → service → http | rpc → feature → db | buffer | model', () => {
    const wrong = layered.flatMap((file) =>
      file.valueTargets
        .filter((target) => {
          const from = layer(file.path);
          const to = layer(target);
          return from !== undefined && to !== undefined && to > from;
        })
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no file imports itself by a circle', () => {
    const byPath = new Map(code.map((file) => [file.path, file]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path))
        circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      if (done.has(path) || trail.includes(path)) return;
      for (const target of byPath.get(path)?.valueTargets ?? []) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const file of code) visit(file.path, []);
    expect(circles).toEqual([]);
  });
});

/** In a folder of its own that is no layer. */
function isFeature(path: string): boolean {
  const [, , first, second] = path.split('/');
  return second !== undefined && LAYERS[first!] === undefined;
}

describe('house rules', () => {
  test(`a file has at most ${LINES_MAX} lines`, () => {
    const long = files
      .filter((file) => file.lines.length > LINES_MAX)
      .map((file) => `${file.path}: ${file.lines.length}`);
    expect(long).toEqual([]);
  });

  test('only the life cycle and main files end the process', () => {
    const others = code.filter(
      (file) => !/(^|\/)(main|[a-z-]+-main|lifecycle|admin)\.ts$/.test(file.path) && !file.isTest,
    );
    expect(hits(others, /\bprocess\.exit\(/)).toEqual([]);
  });

  test('no durable file is written by Bun.write, which never syncs', () => {
    const durable = product.filter((file) => file.path.includes('/src/') && !file.isTest);
    expect(hits(durable, /\bBun\.write\(/)).toEqual([]);
  });

  test('parts log through their logger; only entry points write to stdout', () => {
    const inner = product.filter(
      (file) =>
        file.path.includes('/src/') &&
        !file.isTest &&
        !/(^|\/)(main|[a-z-]+-main|admin)\.ts$/.test(file.path) &&
        !file.path.includes('/admin/'),
    );
    expect(hits(inner, /\bconsole\.\w+\(/)).toEqual([]);
  });

  test('tests do not await expect(…).rejects, which blocks the event loop', () => {
    const tests = code.filter((file) => file.isTest && file.part !== 'tests');
    expect(hits(tests, /\bexpect\(.*\)\.rejects\b/)).toEqual([]);
  });

  test('no test is focused', () => {
    const tests = code.filter((file) => file.isTest);
    expect(hits(tests, /\b(test|describe|it)\.only\(/)).toEqual([]);
  });

  test('the page asks no other host for anything', () => {
    const page = files.filter((file) => file.part === 'web' && !file.isTest);
    const allowed = /https?:\/\/(localhost|127\.0\.0\.1|www\.w3\.org\/|\$\{)/;
    const external = page.flatMap((file) =>
      file.lines.flatMap((line, index) =>
        /https?:\/\//.test(line.replace(allowed, '')) ? [`${file.path}:${index + 1}`] : [],
      ),
    );
    expect(external).toEqual([]);
  });
});
