import { ERRORS } from '@demeter/common/errors';
import { swagger } from '@elysiajs/swagger';
import { type AnyElysia, Elysia } from 'elysia';
import { ACCESS_KEY } from './feature.ts';

/** What is read of a document here. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<'schemas' | 'responses' | 'securitySchemes', Record<string, unknown>>;
  security: Record<string, string[]>[];
}

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, unknown> };
  responses?: Record<string, Response>;
  security?: unknown[];
  [ACCESS_KEY]?: string;
  [extension: string]: unknown;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: Record<string, unknown>;
  [keyword: string]: unknown;
}

interface Response {
  description?: string;
  content?: Record<string, unknown>;
  [keyword: string]: unknown;
}

const TAGS: readonly (readonly [string, string])[] = [
  ['Photos', 'Photos, their sessions, runs and detections.'],
  ['Runs', 'What pipelines said of photos.'],
  ['Stock', 'Batches, movements, proposals.'],
  ['Places', 'Warehouses, areas, locations, bins, and what should stand there.'],
  ['Products', 'Products, packagings and prices.'],
  ['Edge boxes', 'What an edge box says with its own credential.'],
  ['Edges', 'Edge boxes and their credentials.'],
  ['Accounts', 'People.'],
  ['Sign-in', 'Who is asking.'],
  ['Models', 'Versions of models, the servers that hold them, and their rollouts.'],
  ['System', 'Health, servers, events.'],
];

/**
 * The API's description: made by @elysiajs/swagger from the routes, then mended to a valid OpenAPI
 * 3.1 document (docs/adr/0003-openapi-from-elysia-swagger.md).
 */
export async function renderOpenApi(
  features: readonly AnyElysia[],
  version: string,
): Promise<OpenApiDocument> {
  const app = new Elysia().use(
    swagger({ path: '/ui', specPath: '/document', exclude: ['/ui', '/document', /^\/docs/] }),
  );
  for (const feature of features) app.use(feature);
  await app.modules;
  const response = await app.handle(new globalThis.Request('http://localhost/document'));
  const raw = (await response.json()) as Pick<OpenApiDocument, 'paths'>;
  const named: Named = { Problem: PROBLEM };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Demeter',
      version,
      description: 'Counting plants from photos, and keeping the stock true.',
    },
    servers: [{ url: '/' }],
    tags: TAGS.map(([name, description]) => ({ name, description })),
    paths: mendPaths(raw.paths, named),
    components: {
      schemas: sorted(named),
      responses: problemResponses(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'demeter_session' },
      },
    },
    security: [{ bearer: [] }, { cookie: [] }],
  };
}

/** Schemas that have a title, by it: they stand once, and are referred to. */
type Named = Record<string, unknown>;

function sorted(named: Named): Named {
  return Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mendPaths(paths: OpenApiDocument['paths'], named: Named): OpenApiDocument['paths'] {
  const mended = Object.entries(paths)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).map(([method, one]) => [
          method,
          mendOperation({ path, method, operation: one, named }),
        ]),
      ),
    ]);
  return Object.fromEntries(mended);
}

interface Described {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  readonly named: Named;
}

function mendOperation({ path, method, operation, named }: Described): Operation {
  const access = operation[ACCESS_KEY];
  const parameters = (operation.parameters ?? []).map((one) => mendParameter(one, named));
  const body = operation.requestBody && mendBody(operation.requestBody, named);
  return {
    ...operation,
    operationId: operationId(path, method),
    ...(parameters.length > 0 ? { parameters } : { parameters: [] }),
    ...(body ? { requestBody: body } : {}),
    responses: {
      ...mendResponses(operation.responses ?? {}, named),
      ...errorsOf(path, method),
    },
    ...(access === 'public' ? { security: [] } : {}),
    ...(access && access !== 'public' ? { description: describeAccess(operation, access) } : {}),
  };
}

function describeAccess({ description }: Operation, access: string): string {
  const who: Record<string, string> = {
    'signed-in': 'For anybody who is signed in.',
    edge: 'For edge boxes with their own credential.',
  };
  return [description, who[access] ?? `Needs the permission \`${access}\`.`]
    .filter((one) => one !== undefined)
    .join(' ');
}

/** `POST /api/v1/stock/batches/{id}` → `postStockBatchesById`: unique, and fit for generated code. */
function operationId(path: string, method: string): string {
  const words = path
    .replace(/^\/api\/v1/, '')
    .replaceAll(/\{(\w+)\}/g, 'by-$1')
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== '');
  const prefix = path.startsWith('/api/v1') ? [] : ['root'];
  return [method, ...prefix, ...words]
    .map((word, index) => (index === 0 ? word : word[0]?.toUpperCase() + word.slice(1)))
    .join('');
}

function mendParameter(parameter: Parameter, named: Named): Parameter {
  // A query's number is text on the wire; the plugin shows Elysia's "text or number".
  const { examples: _, description, ...rest } = parameter;
  return {
    ...rest,
    ...(description === undefined ? {} : { description }),
    required: parameter.in === 'path' ? true : (parameter.required ?? false),
    schema: mendSchema(parameter.schema, named) as Record<string, unknown>,
  };
}

/**
 * Every body of ours is JSON, unless its route says otherwise in `detail.requestBody`; one of which
 * nothing is required may be left out.
 */
function mendBody(body: NonNullable<Operation['requestBody']>, named: Named) {
  const json = body.content['application/json'] as { schema?: Record<string, unknown> } | undefined;
  const { required, minProperties } = json?.schema ?? {};
  const mayBeLeftOut = json !== undefined && required === undefined && minProperties === undefined;
  return { ...body, required: !mayBeLeftOut, content: jsonOnly(body.content, named) };
}

function mendResponses(
  responses: Record<string, Response>,
  named: Named,
): Record<string, Response> {
  const mended: Record<string, Response> = {};
  for (const [status, response] of Object.entries(responses)) {
    const { description, content, headers, title } = response;
    mended[status] = {
      description: description ?? (Number(status) < 300 ? 'Done.' : 'Not done.'),
      ...(headers === undefined ? {} : { headers }),
      ...(content === undefined ? {} : { content: jsonOnly(content, named, title) }),
    };
  }
  return Object.keys(mended).length > 0 ? mended : { '200': { description: 'Done.' } };
}

/** Which refusals a route may answer. */
function errorsOf(path: string, method: string) {
  if (!path.startsWith('/api/')) return {};
  const statuses = [
    400,
    // Links and one-time tokens are refused with these, too.
    401,
    403,
    ...(path.includes('{') || method !== 'get' ? [404] : []),
    ...(method === 'get' ? [] : [409, 415, 422]),
    429,
    500,
    503,
  ];
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
  );
}

/** One answer a status: the codes that it may carry. */
function problemResponses(): Record<string, unknown> {
  const codes = Object.entries(ERRORS).map(([code, [status]]) => ({ code, status }));
  const byStatus = Map.groupBy(codes, ({ status }) => status);
  const responses = [...byStatus].map(([status, entries]) => [
    `Problem${status}`,
    {
      description: entries.map(({ code }) => `\`${code}\``).join(', '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  return Object.fromEntries(responses);
}

/**
 * The plugin repeats a JSON schema for form and text bodies, which are refused here; and it puts
 * the title of an answer's schema beside the answer.
 */
function jsonOnly(content: Record<string, unknown>, named: Named, title?: unknown) {
  const json = content['application/json'] as { schema?: object } | undefined;
  const kept = json === undefined ? content : { 'application/json': json };
  return Object.fromEntries(
    Object.entries(kept).map(([type, media]) => {
      const { schema, ...rest } = media as { schema?: object };
      const whole = title === undefined ? schema : { ...schema, title };
      return [type, { ...rest, schema: mendSchema(whole, named) }];
    }),
  );
}

/** Elysia's query numbers stand as `anyOf [text, number]`; the number alone is meant. */
function mendSchema(schema: unknown, named: Named): unknown {
  if (Array.isArray(schema)) return schema.map((one) => mendSchema(one, named));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { anyOf, title, ...rest } = schema as { anyOf?: unknown[]; title?: string };
  const numeric = anyOf?.length === 2 && anyOf.find(isNumber);
  if (numeric && anyOf.some(isNumericText)) return { ...rest, ...numeric };
  const merged = anyOf === undefined ? rest : { ...rest, anyOf };
  const mended = Object.fromEntries(
    Object.entries(merged)
      // Elysia writes this into a schema when its route is compiled: it would come and go.
      .filter(([key, value]) => key !== 'additionalProperties' || value !== false)
      .map(([key, value]) => [key, mendSchema(value, named)]),
  );
  if (title === undefined) return mended;
  const known = named[title];
  if (known !== undefined && !Bun.deepEquals(known, mended)) {
    throw new Error(`two different schemas have the title ${title}`);
  }
  named[title] = mended;
  return { $ref: `#/components/schemas/${title}` };
}

function isNumber(schema: unknown): schema is Record<string, unknown> {
  const type = (schema as { type?: unknown } | null)?.type;
  return type === 'integer' || type === 'number';
}

function isNumericText(schema: unknown): boolean {
  const { type, format } = (schema ?? {}) as { type?: unknown; format?: unknown };
  return type === 'string' && (format === 'integer' || format === 'numeric');
}

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457 problem document.',
  required: ['type', 'title', 'status', 'code', 'detail', 'hint'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(ERRORS) },
    detail: { type: 'string' },
    hint: { type: 'string', description: 'What to do about it.' },
    field: { type: 'string', description: 'The offending field.' },
    correlation_id: { type: 'string' },
  },
  additionalProperties: true,
};
