/**
 * Writes src/api/schema.gen.ts from the core's OpenAPI document; `--check` only compares.
 * The generator builds its output with the compiler API, which TypeScript 7 does not offer, so it
 * is given the TypeScript 5 that @ts-morph/common carries (without a second `tsc` on the path).
 */
import { join } from 'node:path';
import { plugin } from 'bun';

const root = join(import.meta.dir, '../..');
const target = join(root, 'web/src/api/schema.gen.ts');
const HEADER = '// Generated from core/openapi.json by `bun run generate-api`; do not edit.\n\n';

plugin({
  name: 'compiler API of TypeScript 5',
  setup(build) {
    build.module('typescript', async () => {
      const { ts } = await import('@ts-morph/common');
      return { exports: { ...ts, default: ts }, loader: 'object' };
    });
  },
});
const { default: openapiTypes, astToString } = await import('openapi-typescript');

const document = await Bun.file(join(root, 'core/openapi.json')).json();
withoutErrors(document);
const text = HEADER + astToString(await openapiTypes(document));
if (process.argv.includes('--check')) {
  const current = await Bun.file(target).text();
  if (current !== text) {
    console.error('web/src/api/schema.gen.ts is stale: run `bun run generate-api` in web/.');
    process.exitCode = 1;
  }
} else {
  await Bun.write(target, text);
}

/** Errors are one shape for all routes, read by src/api/problem.ts: four fifths of the text less. */
function withoutErrors({ paths }: { paths: Record<string, Record<string, unknown>> }): void {
  for (const operations of Object.values(paths)) {
    for (const operation of Object.values(operations)) {
      const responses = (operation as { responses?: Record<string, unknown> }).responses ?? {};
      for (const status of Object.keys(responses)) {
        if (!/^[123]/.test(status)) delete responses[status];
      }
    }
  }
}
