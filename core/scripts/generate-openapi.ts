/**
 * Writes core/openapi.json, from which web/ makes its client; with --check only compares, and
 * checks that the document is valid OpenAPI.
 *
 *   bun scripts/generate-openapi.ts [--check]
 */
import path from 'node:path';
import { parseConfig } from '@demeter/common/config';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { CoreContext } from '../src/context.ts';
import type { Counting } from '../src/counting.ts';
import { createMetrics } from '../src/http/metrics.ts';
import { renderOpenApi } from '../src/http/openapi.ts';
import { createFeatures, VERSION } from '../src/service.ts';

const OUT_FILE = path.resolve(import.meta.dir, '../openapi.json');

/** The document as the core serves it; routes are described, nothing of the context is used. */
export async function renderDocument(): Promise<string> {
  const { values } = parseConfig({});
  const context = { values, metrics: createMetrics() } as unknown as CoreContext;
  const document = await renderOpenApi(createFeatures(context, {} as Counting), VERSION);
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (import.meta.main) {
  const text = await renderDocument();
  const { valid, errors } = await new Validator().validate(JSON.parse(text));
  if (!valid) {
    console.error('The OpenAPI document is not valid:', errors);
    process.exitCode = 1;
  }
  if (!process.argv.includes('--check')) {
    await Bun.write(OUT_FILE, text);
  } else if ((await Bun.file(OUT_FILE).text()) !== text) {
    console.error('core/openapi.json differs: bun core/scripts/generate-openapi.ts');
    process.exitCode = 1;
  }
}
