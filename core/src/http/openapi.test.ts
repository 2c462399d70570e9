import { describe, expect, test } from 'bun:test';
import path from 'node:path';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import type { Logger } from '@demeter/common/logger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { renderDocument } from '../../scripts/generate-openapi.ts';
import { PERMISSIONS } from '../auth/permissions.ts';
import type { UserPrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import type { Counting } from '../counting.ts';
import { createFeatures, VERSION } from '../service.ts';
import { createApp } from './app.ts';
import { createMetrics } from './metrics.ts';
import { type OpenApiDocument, renderOpenApi } from './openapi.ts';
import { setScope } from './request-scope.ts';

const everybody: UserPrincipal = {
  kind: 'user',
  organisationId: crypto.randomUUID(),
  userId: crypto.randomUUID(),
  email: 'all@demeter.local',
  name: 'all',
  roles: ['admin'],
  permissions: new Set(PERMISSIONS),
  actor: 'user:all',
  csrfToken: null,
};
const silent = { error: () => {}, info: () => {} } as unknown as Logger;
const text = await renderDocument();
const document = JSON.parse(text) as OpenApiDocument;
const operations = Object.entries(document.paths).flatMap(([at, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method} ${at}`,
    at,
    operation,
  })),
);

describe('the OpenAPI document', () => {
  test('is valid, as a validator of its own says', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(text));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  test('is the committed one', async () => {
    const committed = await Bun.file(path.resolve(import.meta.dir, '../../openapi.json')).text();
    expect(text === committed).toBe(true);
  });

  test('stays the same when its routes have been served', async () => {
    const { values } = parseConfig({ LOG_LEVEL: 'error' });
    const context = { values, log: silent, metrics: createMetrics() } as unknown as CoreContext;
    const features = createFeatures(context, {} as Counting);
    const app = createApp(features, silent);
    // The first request compiles a route, and changes its schemas.
    for (const path of ['/edges', `/edges/${newId()}`, '/stock/batches', '/map']) {
      const request = new Request(`http://core.test/api/v1${path}`);
      const scope = { correlationId: 'c', remoteAddress: undefined, route: undefined };
      setScope(request, { ...scope, principal: everybody });
      expect((await app.fetch(request)).status).toBe(500);
    }
    const served = await renderOpenApi(features, VERSION);
    expect(JSON.stringify(served) === JSON.stringify(document)).toBe(true);
  });

  test('names each operation once, says what it does, and answers something', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const silent = operations.filter(({ operation }) => !operation.summary).map(({ name }) => name);
    expect(silent).toEqual([]);
    for (const { name, operation } of operations) {
      const good = Object.keys(operation.responses ?? {}).filter((status) => status < '400');
      expect([name, good.length > 0]).toEqual([name, true]);
    }
  });

  test('declares every parameter of a path, and no other', () => {
    for (const { name, at, operation } of operations) {
      const inPath = [...at.matchAll(/\{(\w+)\}/g)].map(([, one]) => one ?? '');
      const declared = (operation.parameters ?? []).filter((one) => one.in === 'path');
      expect([name, declared.map((one) => one.name).sort()]).toEqual([name, inPath.sort()]);
    }
  });

  test('every reference leads somewhere', () => {
    for (const [, pointer] of text.matchAll(/"\$ref": "#\/([^"]+)"/g)) {
      const found = (pointer ?? '')
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
      expect([pointer, typeof found]).toEqual([pointer, 'object']);
    }
  });
});
