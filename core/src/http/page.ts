import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '@demeter/common/errors';
import type { CoreContext } from '../context.ts';
import { rootFeature } from './feature.ts';
import { pagePolicy } from './security-headers.ts';

const DIST = path.resolve(import.meta.dir, '../../../web/dist');

/** The built page: its files, and index.html for every other path, which the page routes itself. */
export function pageRoutes({ values }: Pick<CoreContext, 'values'>) {
  const policy = pagePolicy(values);
  return rootFeature('Page').get(
    '/*',
    async ({ request }) => {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith('/api/')) {
        throw new AppError('NOT_FOUND', 'There is nothing at this address.');
      }
      const file = await fileOf(pathname);
      const headers = { 'content-security-policy': policy, 'cache-control': cacheOf(file) };
      return new Response(Bun.file(file), { headers });
    },
    { open: true, detail: { hide: true } },
  );
}

async function fileOf(pathname: string): Promise<string> {
  const index = path.join(DIST, 'index.html');
  const wanted = path.join(DIST, path.normalize(decode(pathname)));
  const found = await realpath(wanted).catch(() => undefined);
  // Nothing outside the folder, by links neither.
  if (found?.startsWith(`${await realpath(DIST).catch(() => DIST)}/`)) {
    if (await Bun.file(found).exists()) return found;
  }
  const isFileName = path.extname(pathname) !== '';
  if (!isFileName && (await Bun.file(index).exists())) return index;
  throw new AppError('NOT_FOUND', 'There is no such file of the page.', {
    hint: 'The page is built by `bun run --filter @demeter/web build`.',
  });
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new AppError('NOT_FOUND', 'There is nothing at this address.');
  }
}

/** Files with a hash in their name never change; all others are asked for again. */
function cacheOf(file: string): string {
  return /[-.][0-9a-z]{8,}\.\w+$/.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache';
}
