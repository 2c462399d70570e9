import { AppError, toAppError } from '@demeter/common/errors';
import { readMultipart } from '@demeter/common/multipart';
import { type Static, t } from 'elysia';
import { writeAudit } from '../audit.ts';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { nullable, shape } from '../http/schemas.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { ModelAdmin } from '../mesh/models-client.ts';
import { withStagedBytes } from '../photos/stage-photo.ts';
import type { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import { fileKey, readHeld } from '../pipelines/open-rollout.ts';
import { modelsOf } from '../pipelines/pipeline.ts';
import { listModels, ModelVersion } from './model-list.ts';
import { holdModel, nameOf } from './rollouts.ts';

const MODEL_BYTES_MAX = 4 * 1024 ** 3;
const FORM = {
  fileField: 'file',
  textFields: ['sha256', 'manifest', 'load'],
  fieldBytesMax: 256 * 1024,
};

export const ModelParams = t.Object({
  name: t.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' }),
  version: t.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$' }),
});

const Servers = t.Optional(
  t.Array(t.String({ maxLength: 200 }), {
    maxItems: 1_000,
    description: 'Ids of servers; without it all that have the version.',
  }),
);

/** What became of it at each server. */
const Done = shape('ModelChange', {
  servers: t.Array(
    t.Object({
      server_id: t.String(),
      done: t.Boolean(),
      code: nullable(t.String()),
      message: nullable(t.String()),
      hint: nullable(t.String({ description: 'What to do about it.' })),
    }),
  ),
});
type Done = Static<typeof Done>;

const Uploaded = t.Object({
  sha256: t.String(),
  warning: nullable(t.String({ description: 'What the version cannot be used for, and why.' })),
});
const NO_MANIFEST =
  'No manifest: it is read by what the file says of itself. It has no role, so it cannot be rolled out for plants.';

interface Version {
  readonly name: string;
  readonly version: string;
}

/** Who does what with which model. */
interface Act {
  readonly actor: string;
  readonly action: string;
  readonly model: Version;
}

export interface ModelRoutes {
  readonly context: Pick<CoreContext, 'db' | 'organisationId'>;
  readonly mesh: Mesh;
  readonly pipelines: ActivePipelineStore;
}

/** The models that inference servers hold, and what is done with them there. */
export function modelRoutes({ context, mesh, pipelines }: ModelRoutes) {
  const { db, organisationId } = context;
  /** The models that new photos are counted with. */
  const readCounting = async () => {
    const active = await pipelines.read();
    return active === undefined ? [] : modelsOf(active.definition);
  };
  const list = async () => {
    const held = await readHeld(db, organisationId);
    const active = await readCounting();
    return { models: listModels(mesh.status(), { active, held }) };
  };
  const listed = {
    permission: 'system:read' as const,
    response: { 200: t.Object({ models: t.Array(ModelVersion) }, { title: 'Models' }) },
  };

  /** Servers that are named, else all that report the version. Throws NOT_FOUND. */
  const targets = (params: Version, servers?: readonly string[]) => {
    if (servers !== undefined && servers.length > 0) return servers;
    const holders = mesh.connected().flatMap(({ serverId, report }) => {
      const has = report?.models.some(
        ({ name, version }) => name === params.name && version === params.version,
      );
      return has && serverId !== undefined ? [serverId] : [];
    });
    if (holders.length > 0) return holders;
    throw new AppError('NOT_FOUND', `No connected server has the model ${nameOf(params)}.`, {
      hint: 'GET /api/v1/models lists those that are there.',
    });
  };

  /** Asks all of them; the audit says what each answered. */
  const atEach = async (
    servers: readonly string[],
    { actor, action, model }: Act,
    use: (admin: ModelAdmin) => Promise<unknown>,
  ): Promise<Done> => {
    const answers = await Promise.all(
      servers.map(async (serverId) => {
        try {
          await mesh.administer(serverId, use);
          return { server_id: serverId, done: true, code: null, message: null, hint: null };
        } catch (error) {
          const { code, message, hint } = toAppError(error);
          return { server_id: serverId, done: false, code, message, hint };
        }
      }),
    );
    await writeAudit(db, {
      organisationId,
      actor,
      action: `models.${action}`,
      subjectType: 'model',
      subjectId: nameOf(model),
      after: { servers: answers },
    });
    return { servers: answers };
  };

  const upload = async (request: Request, actor: string, version: Version) => {
    const body = request.body ?? new Blob([]).stream();
    const { chunks, fields } = readMultipart(request, body, FORM);
    return await withStagedBytes(chunks, MODEL_BYTES_MAX, async ({ path, sha256, sizeBytes }) => {
      const wanted = fields.get('sha256');
      if (wanted !== undefined && wanted !== sha256) {
        throw new AppError('CHECKSUM_MISMATCH', 'The file is not the one announced.');
      }
      const servers = mesh.connected().flatMap(({ serverId }) => serverId ?? []);
      if (servers.length === 0) {
        throw new AppError('MODEL_UNAVAILABLE', 'No inference server is connected.');
      }
      const counting = await readCounting();
      // Held before any server has it: else it would be chosen because it is there.
      const held = { ...version, digest: sha256 };
      if (!counting.some((one) => fileKey(one) === fileKey(held))) {
        await db.transaction().execute((trx) => holdModel(trx, organisationId, held, 'uploaded'));
      }
      const header = {
        ...version,
        sha256: Buffer.from(sha256, 'hex'),
        size_bytes: sizeBytes,
        manifest_json: fields.get('manifest') ?? '',
        load: fields.get('load') === 'true',
      };
      const act = { actor, action: 'upload', model: version };
      const done = await atEach(servers, act, (admin) =>
        admin.upload(header, Bun.file(path).stream()),
      );
      return { sha256, warning: header.manifest_json === '' ? NO_MANIFEST : null, ...done };
    });
  };

  return feature('Models')
    .get('/models', list, {
      ...listed,
      detail: { summary: 'Model versions, and the servers that hold them' },
    })
    .get('/system/models', list, {
      ...listed,
      detail: { summary: 'Model versions (the original system’s name)' },
    })
    .post(
      '/models/:name/:version/load',
      async ({ principal: { actor }, params, body }) => {
        const act = { actor, action: body.pin ? 'load_pinned' : 'load', model: params };
        return await atEach(targets(params, body.servers), act, (admin) =>
          admin.load(params, body.pin),
        );
      },
      {
        permission: 'models:manage',
        params: ModelParams,
        body: t.Object({ servers: Servers, pin: t.Optional(t.Boolean()) }),
        response: { 200: Done },
        detail: { summary: 'Load a version; each server makes room, or refuses, by itself' },
      },
    )
    .post(
      '/models/:name/:version/unload',
      async ({ principal: { actor }, params, body }) => {
        const act = { actor, action: 'unload', model: params };
        return await atEach(targets(params, body.servers), act, (admin) => admin.unload(params));
      },
      {
        permission: 'models:manage',
        params: ModelParams,
        body: t.Object({ servers: Servers }),
        response: { 200: Done },
        detail: {
          summary: 'Unload a version after its running photos; it stays in the repository',
        },
      },
    )
    .put(
      '/models/:name/:version/pin',
      async ({ principal: { actor }, params, body }) => {
        const act = { actor, action: body.pinned ? 'pin' : 'unpin', model: params };
        return await atEach(targets(params, body.servers), act, (admin) =>
          admin.pin(params, body.pinned),
        );
      },
      {
        permission: 'models:manage',
        params: ModelParams,
        body: t.Object({ servers: Servers, pinned: t.Boolean() }),
        response: { 200: Done },
        detail: { summary: 'Keep a version from eviction, or no longer' },
      },
    )
    .delete(
      '/models/:name/:version',
      async ({ principal: { actor }, params }) => {
        const act = { actor, action: 'remove', model: params };
        return await atEach(targets(params), act, (admin) => admin.remove(params));
      },
      {
        permission: 'models:manage',
        params: ModelParams,
        response: { 200: Done },
        detail: { summary: 'Remove an uploaded version that is not loaded' },
      },
    )
    .put(
      '/models/:name/:version/file',
      async ({ principal, params, request }) => await upload(request, principal.actor, params),
      {
        permission: 'models:manage',
        params: ModelParams,
        response: { 200: t.Composite([Uploaded, Done]) },
        detail: {
          summary: 'Send a version to every connected server',
          description:
            'It is not chosen by itself: a rollout, or a person, lets it count. ' +
            'Each server checks size, hash and shapes before anything is visible.',
          requestBody: UPLOAD_BODY,
        },
      },
    );
}

const text = (description: string) => ({ type: 'string' as const, description });

/** Its body is streamed past Elysia's parser, so that no schema of the route says it. */
const UPLOAD_BODY = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: ['file'],
        properties: {
          sha256: text('Hex; the file is refused where it is another.'),
          manifest: text('manifest.json; without it the file is read by what it says of itself.'),
          load: text('`true`: load it at once.'),
          file: { type: 'string' as const, format: 'binary' },
        },
      },
    },
  },
};
