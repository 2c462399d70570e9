import { problemsOf } from '@demeter/common/edge-configuration/problems';
import {
  type EdgeConfiguration,
  EdgeConfigurationSchema,
} from '@demeter/common/edge-configuration/schema';
import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import { writeAudit } from '../audit.ts';
import type { Handle, Transaction } from '../db/database.ts';

/** What administrators set for boxes: one box, or all of a group. The last version counts. */

export type Target = { readonly edgeId: string } | { readonly group: string };

/** Model name → version whose files the box pulls. */
export type WantedModels = Readonly<Record<string, string>>;

export interface Configured {
  readonly version: number;
  readonly document: EdgeConfiguration;
  readonly models: WantedModels;
  readonly not_before: Date | null;
  readonly created_by: string;
  readonly created_at: Date;
}

export interface NewConfiguration {
  readonly document: unknown;
  readonly models: WantedModels;
  readonly notBefore: Date | null;
}

/** By the same rules as a box's own file. Throws INVALID_INPUT with every fault and its place. */
export function checkConfiguration(document: unknown): EdgeConfiguration {
  const problems = problemsOf(EdgeConfigurationSchema, document).map(({ path, reason }) => ({
    field: ['configuration', ...path].join('.'),
    reason,
  }));
  const [first] = problems;
  if (!first) return document as EdgeConfiguration;
  throw new AppError('INVALID_INPUT', `${first.field} ${toSentence(first.reason)}`, {
    field: first.field,
    details: { problems },
  });
}

/** A reason may end in a question: did you mean …? */
function toSentence(reason: string): string {
  return reason.endsWith('?') ? reason : `${reason}.`;
}

/** Throws INVALID_INPUT, NOT_FOUND (the box, a model's files), CONFLICT (two at once). */
export async function setConfiguration(
  trx: Transaction,
  author: { readonly organisationId: string; readonly actor: string },
  target: Target,
  given: NewConfiguration,
): Promise<void> {
  const { organisationId, actor } = author;
  const document = checkConfiguration(given.document);
  await checkTarget(trx, organisationId, target);
  await checkModels(trx, organisationId, given.models);
  const before = await readConfigured(trx, organisationId, target);
  const edgeId = 'edgeId' in target ? target.edgeId : null;
  const group = 'group' in target ? target.group : null;
  await trx
    .insertInto('edge_configurations')
    .values({
      organisation_id: organisationId,
      id: newId(),
      edge_id: edgeId,
      group_code: group,
      version: (before?.version ?? 0) + 1,
      document: JSON.stringify(document),
      models: JSON.stringify(given.models),
      not_before: given.notBefore,
      created_by: actor,
    })
    .execute();
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.configure',
    subjectType: edgeId === null ? 'edge_groups' : 'edges',
    subjectId: edgeId ?? group ?? '',
    before: before && { document: before.document, models: before.models },
    after: { document, models: given.models },
  });
}

/** The last version; null: nothing was set. */
export async function readConfigured(
  db: Handle,
  organisationId: string,
  target: Target,
): Promise<Configured | null> {
  const which =
    'edgeId' in target ? sql`edge_id = ${target.edgeId}` : sql`group_code = ${target.group}`;
  const { rows } = await sql<Configured>`
    select version, document, models, not_before, created_by, created_at
      from edge_configurations where organisation_id = ${organisationId} and ${which}
     order by version desc limit 1`.execute(db);
  return rows[0] ?? null;
}

/** Puts a box into a group. Throws NOT_FOUND. */
export async function setGroup(
  trx: Transaction,
  { organisationId, actor }: { readonly organisationId: string; readonly actor: string },
  edgeId: string,
  group: string,
): Promise<void> {
  const before = await readGroup(trx, organisationId, edgeId);
  await trx
    .updateTable('edges')
    .set({ configuration_group: group })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .execute();
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.group',
    subjectType: 'edges',
    subjectId: edgeId,
    before: { group: before },
    after: { group },
  });
}

async function checkTarget(trx: Transaction, organisationId: string, target: Target) {
  if ('group' in target) return;
  await readGroup(trx, organisationId, target.edgeId);
}

/** The group a box belongs to. Throws NOT_FOUND. */
export async function readGroup(
  db: Handle,
  organisationId: string,
  edgeId: string,
): Promise<string> {
  const edge = await db
    .selectFrom('edges')
    .select('configuration_group')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .executeTakeFirst();
  if (edge) return edge.configuration_group;
  throw new AppError('NOT_FOUND', 'There is no such edge.', { field: 'id' });
}

async function checkModels(trx: Transaction, organisationId: string, models: WantedModels) {
  for (const [name, version] of Object.entries(models)) {
    const file = await trx
      .selectFrom('edge_model_files')
      .select('file')
      .where('organisation_id', '=', organisationId)
      .where('name', '=', name)
      .where('version', '=', version)
      .executeTakeFirst();
    if (file) continue;
    throw new AppError(
      'NOT_FOUND',
      `There are no files of the model ${name}/${version} for boxes.`,
      {
        field: `models.${name}`,
        hint: 'PUT them to /api/v1/edge-models/NAME/VERSION/files/FILE first.',
      },
    );
  }
}
