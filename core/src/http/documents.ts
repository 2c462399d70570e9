import path from 'node:path';
import { AppError } from '@demeter/common/errors';
import { type AnyElysia, t } from 'elysia';
import { DOCUMENT_PATH } from '../auth/access-rules.ts';
import type { CoreContext } from '../context.ts';
import { rootFeature } from './feature.ts';
import { type OpenApiDocument, renderOpenApi } from './openapi.ts';
import { pagePolicy } from './security-headers.ts';

/** Swagger UI comes from its package, never from elsewhere. */
const UI_FOLDER = path.dirname(Bun.resolveSync('swagger-ui-dist/package.json', import.meta.dir));
const UI_FILES = new Set([
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'favicon-32x32.png',
  'favicon-16x16.png',
]);

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Demeter: REST API</title>
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
    <link rel="icon" href="/docs/assets/favicon-32x32.png" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** A cookie session sends its CSRF token along, so that "Try it out" works. */
const START = `let csrf = null;
fetch('/api/v1/auth/me').then((answer) => (answer.ok ? answer.json() : null)).then((me) => {
  csrf = me?.csrf_token ?? null;
});
window.ui = SwaggerUIBundle({
  url: '${DOCUMENT_PATH}',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: false,
  requestInterceptor: (request) => {
    if (csrf !== null) request.headers['X-CSRF-Token'] = csrf;
    return request;
  },
});
`;

/**
 * The OpenAPI document for those who are signed in, and in development Swagger UI to try it.
 */
export function documentRoutes(
  { values }: Pick<CoreContext, 'values'>,
  features: readonly AnyElysia[],
  version: string,
) {
  let document: Promise<OpenApiDocument> | undefined;
  const isShown = values.APP_ENV === 'development';
  const policy = pagePolicy(values);
  const answer = (body: string | Blob, type: string) => {
    if (!isShown) throw new AppError('NOT_FOUND', 'Swagger UI is served in development only.');
    return new Response(body, {
      headers: { 'content-type': type, 'content-security-policy': policy },
    });
  };
  const hidden = { open: true, detail: { hide: true } } as const;
  return rootFeature('Documents')
    .get(
      DOCUMENT_PATH,
      async () => {
        document ??= renderOpenApi(features, version);
        return Response.json(await document);
      },
      { signedIn: true, detail: { hide: true } },
    )
    .get('/docs', () => answer(PAGE, 'text/html; charset=utf-8'), hidden)
    .get('/docs/start.js', () => answer(START, 'text/javascript; charset=utf-8'), hidden)
    .get(
      '/docs/assets/:file',
      ({ params }) => {
        if (!UI_FILES.has(params.file)) throw new AppError('NOT_FOUND', 'There is no such file.');
        const file = Bun.file(path.join(UI_FOLDER, params.file));
        return answer(file, file.type);
      },
      { ...hidden, params: t.Object({ file: t.String() }) },
    );
}
