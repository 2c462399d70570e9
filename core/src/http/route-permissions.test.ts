import { describe, expect, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { isOpenPath } from '../auth/access-rules.ts';
import { PERMISSIONS } from '../auth/permissions.ts';
import type { CoreContext } from '../context.ts';
import type { Counting } from '../counting.ts';
import { createRoutes } from '../service.ts';
import { ACCESS_KEY } from './feature.ts';
import { createMetrics } from './metrics.ts';

const { values } = parseConfig({});
const context = { values, metrics: createMetrics() } as unknown as CoreContext;
const routes = createRoutes(context, {} as Counting)
  .flatMap((feature) => feature.routes)
  .map(({ method, path, hooks }) => ({
    name: `${method} ${path}`,
    path,
    access: (hooks?.detail as Record<string, unknown> | undefined)?.[ACCESS_KEY],
  }));

describe('route → permission', () => {
  test('every route declares who may use it', () => {
    const known: unknown[] = [...PERMISSIONS, 'signed-in', 'edge', 'public'];
    expect(routes.filter(({ access }) => !known.includes(access)).map(({ name }) => name)).toEqual(
      [],
    );
  });

  test('a route is answered without a token exactly where it declares so', () => {
    const wrong = routes.filter(({ path, access }) => isOpenPath(path) !== (access === 'public'));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test('the table, so that a change of it is seen', () => {
    const table = routes
      .filter(({ path }) => path.startsWith('/api/'))
      .map(({ name, access }) => `${name} → ${access}`)
      .sort();
    expect(table).toMatchSnapshot();
  });
});
