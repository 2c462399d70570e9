import { realpath } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { AppError } from '@demeter/common/errors';
import { Elysia } from 'elysia';

/** Where `bun web/build.ts` puts the box's own page. */
export const PAGE_FOLDER = join(import.meta.dir, '../../../web/box/dist');

/** Nothing from elsewhere, and no other site may show the page in a frame. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The built page: it says nothing of the box; what it shows it asks for with its session. */
export function pageFileRoutes(folder = PAGE_FOLDER) {
  return new Elysia()
    .get('/', () => answer(folder, 'index.html', 'no-cache'))
    .get('/assets/:name', ({ params }) =>
      // Named by their content.
      answer(folder, join('assets', params.name), 'public, max-age=31536000, immutable'),
    );
}

async function answer(folder: string, name: string, cache: string): Promise<Response> {
  const root = await realpath(folder).catch(() => folder);
  const found = await realpath(join(root, normalize(`/${name}`))).catch(() => null);
  // Nothing outside the folder, by links neither.
  if (found === null || !found.startsWith(`${root}/`) || !(await Bun.file(found).exists())) {
    throw new AppError('NOT_FOUND', 'There is no such file of the page.', {
      hint: 'The page is built by `bun web/build.ts`.',
    });
  }
  return new Response(Bun.file(found), {
    headers: {
      'cache-control': cache,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  });
}
