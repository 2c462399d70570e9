import { describe, expect, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { createApp } from './app.ts';
import { documentRoutes } from './documents.ts';
import { setScope } from './request-scope.ts';

const { values } = parseConfig({ APP_ENV: 'development' });
const app = createApp([documentRoutes({ values }, [], '0')], console as never);

async function get(path: string): Promise<Response> {
  const request = new Request(`http://core.test${path}`);
  const scope = { correlationId: 'c', remoteAddress: undefined, principal: null, route: undefined };
  setScope(request, scope);
  return await app.fetch(request);
}

describe('Swagger UI', () => {
  test('asks no other host for anything', async () => {
    const page = await get('/docs');
    const text = await page.text();
    expect(text).not.toMatch(/https?:\/\//);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect([path, (await get(path ?? '')).status]).toEqual([path, 200]);
    }
    expect(await (await get('/docs/start.js')).text()).not.toMatch(/https?:\/\//);
  });

  test('gives out no other file of its package', async () => {
    for (const file of ['package.json', '..%2fpackage.json', 'swagger-ui.js']) {
      expect((await get(`/docs/assets/${file}`)).status).toBe(404);
    }
  });
});
