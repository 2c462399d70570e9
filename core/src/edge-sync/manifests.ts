import { createHash } from 'node:crypto';
import { canonicalDigest, canonicalJson } from '@demeter/common/canonical';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import { sql } from 'kysely';
import { writeAudit } from '../audit.ts';
import type { CoreContext } from '../context.ts';
import type { Handle, Transaction } from '../db/database.ts';
import { lockEdge } from '../edges/queries.ts';
import { type Configured, readConfigured, readGroup, type WantedModels } from './configurations.ts';
import type { EdgeOfDays as EdgeRef } from './day-sets.ts';
import { forgotten, type HeldVersion } from './held-versions.ts';
import { mergeConfigurations } from './merge.ts';

/** Something a manifest names: the configuration, or a file of a model. */
export interface Piece {
  /** `configuration`, or `models/NAME/VERSION/FILE`. */
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
  readonly size_bytes: number;
}

export interface Manifest {
  readonly version: number;
  readonly jws: string;
  /** Canonical JSON of the configuration: a piece of its own. */
  readonly document: string;
  readonly issued_at: Date;
}

export interface Effective {
  readonly configuration: EdgeConfiguration;
  readonly models: WantedModels;
  readonly notBefore: Date | null;
}

/** What a box should have: its own over its group's; null: nobody has set anything. */
export async function readEffective(db: Handle, edge: EdgeRef): Promise<Effective | null> {
  const { organisationId, edgeId } = edge;
  const group = await readGroup(db, organisationId, edgeId);
  const ofGroup = await readConfigured(db, organisationId, { group });
  const own = await readConfigured(db, organisationId, { edgeId });
  if (!own && !ofGroup) return null;
  return {
    configuration: mergeConfigurations(ofGroup?.document ?? {}, own?.document ?? {}),
    models: { ...ofGroup?.models, ...own?.models },
    notBefore: later(own, ofGroup),
  };
}

function later(own: Configured | null, group: Configured | null): Date | null {
  const times = [own?.not_before, group?.not_before].filter((time) => time instanceof Date);
  return times.reduce<Date | null>((max, time) => (max && max > time ? max : time), null);
}

/** Of a box; what it holds of older ones is known to be old by its number. */
const KEPT_MAX = 20;

const ANEW = 'edges.manifest_anew';

type ManifestContext = Pick<CoreContext, 'db' | 'keys' | 'clock' | 'log'>;

/**
 * The manifest of what the box should have now, signed. A change makes the next version; the same
 * answers the one before, unless the box holds a higher one that this core has forgotten: then it
 * is given anew, beyond that. Null: nobody has set anything.
 */
export async function currentManifest(
  context: ManifestContext,
  edge: EdgeRef,
  held: readonly HeldVersion[] = [],
): Promise<Manifest | null> {
  const content = await readContent(context.db, context.keys, edge);
  if (!content) return null;
  const last = await readLast(context.db, edge);
  const isSame = last?.content_digest.equals(content.digest) === true;
  if (isSame && (await readForgotten(context.db, edge, held, last.version)) === null) return last;
  return await context.db.transaction().execute((trx) => issueManifest(trx, context, edge, held));
}

async function readForgotten(
  db: Handle,
  { organisationId, edgeId }: EdgeRef,
  held: readonly HeldVersion[],
  last: number,
): Promise<number | null> {
  if (held.length === 0) return null;
  const given = await db
    .selectFrom('edge_manifests')
    .select(['version', 'jws'])
    .where('organisation_id', '=', organisationId)
    .where('edge_id', '=', edgeId)
    .where(
      'version',
      'in',
      held.map(({ version }) => version),
    )
    .execute();
  return forgotten(held, given, last);
}

/**
 * What is set is read again once nobody else can make a version: else one that was read before a
 * change could be signed after it.
 */
async function issueManifest(
  trx: Transaction,
  { keys, clock, log }: ManifestContext,
  edge: EdgeRef,
  held: readonly HeldVersion[],
): Promise<Manifest | null> {
  const { organisationId, edgeId } = edge;
  await lockEdge(trx, organisationId, edgeId);
  const content = await readContent(trx, keys, edge);
  if (!content) return null;
  const { pieces, not_before, document, digest } = content;
  const last = await readLast(trx, edge);
  const beyond = await readForgotten(trx, edge, held, last?.version ?? 0);
  if (beyond === null && last?.content_digest.equals(digest)) return last;
  const version = (beyond ?? last?.version ?? 0) + 1;
  const issued_at = new Date(clock.now());
  const jws = await keys.signManifest({
    version,
    edge_id: edgeId,
    organisation_id: organisationId,
    issued_at: issued_at.toISOString(),
    not_before,
    pieces,
  });
  const made = { version, jws, document, issued_at };
  const box = { organisation_id: organisationId, edge_id: edgeId };
  await trx
    .insertInto('edge_manifests')
    .values({ ...box, ...made, content_digest: digest })
    .execute();
  // A box that says it holds ever more would else fill the table.
  await trx
    .deleteFrom('edge_manifests')
    .where('organisation_id', '=', organisationId)
    .where('edge_id', '=', edgeId)
    .where('version', '<=', version - KEPT_MAX)
    .execute();
  if (beyond !== null && !(await isSaid(trx, edge))) {
    // People should know: what was set since the backup is not in it.
    const before = { held };
    const subject = { subjectType: 'edges', subjectId: edgeId } as const;
    const entry = { actor: `edge:${edgeId}`, action: ANEW, ...subject };
    await writeAudit(trx, { organisationId, ...entry, before, after: { version } });
    log.warn({ edge_id: edgeId, held, version }, 'a box held a configuration unknown here');
  }
  return made;
}

/** Once an hour is enough: a box that boasts without end must not fill the audit. */
async function isSaid(trx: Transaction, { organisationId, edgeId }: EdgeRef): Promise<boolean> {
  const { rows } = await sql`
    select from audit_entries where organisation_id = ${organisationId} and subject_type = 'edges'
       and subject_id = ${edgeId} and action = ${ANEW} and at > now() - interval '1 hour'
     limit 1`.execute(trx);
  return rows.length > 0;
}

/**
 * Another text once the box should have something else; null: nobody has set anything. A box that
 * hears another one than before pulls at once.
 */
export async function contentMark(
  { db, keys }: Pick<CoreContext, 'db' | 'keys'>,
  edge: EdgeRef,
): Promise<string | null> {
  return (await readContent(db, keys, edge))?.digest.toString('hex') ?? null;
}

async function readContent(db: Handle, keys: CoreContext['keys'], edge: EdgeRef) {
  const effective = await readEffective(db, edge);
  if (!effective) return null;
  const document = canonicalJson(effective.configuration);
  const pieces = [pieceOf(document), ...(await readModelPieces(db, edge, effective.models))];
  const not_before = effective.notBefore?.toISOString() ?? null;
  // Another key signs anew: a manifest of a retired one is believed by no box.
  const digest = canonicalDigest({ pieces, not_before, kid: keys.currentKid });
  return { document, pieces, not_before, digest };
}

/** The manifest given last, whether or not it is what the box should have now. */
export async function readLast(db: Handle, { organisationId, edgeId }: EdgeRef) {
  return await db
    .selectFrom('edge_manifests')
    .select(['version', 'jws', 'document', 'content_digest', 'issued_at'])
    .where('organisation_id', '=', organisationId)
    .where('edge_id', '=', edgeId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

function pieceOf(document: string): Piece {
  const bytes = Buffer.from(document);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name: 'configuration', sha256, size_bytes: bytes.length };
}

async function readModelPieces(
  db: Handle,
  { organisationId }: EdgeRef,
  models: WantedModels,
): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const [name, version] of Object.entries(models).sort()) {
    const files = await db
      .selectFrom('edge_model_files')
      .select(['file', 'sha256', 'size_bytes'])
      .where('organisation_id', '=', organisationId)
      .where('name', '=', name)
      .where('version', '=', version)
      .orderBy('file')
      .execute();
    for (const { file, sha256, size_bytes } of files) {
      const path = `models/${name}/${version}/${file}`;
      pieces.push({ name: path, sha256: sha256.toString('hex'), size_bytes });
    }
  }
  return pieces;
}
