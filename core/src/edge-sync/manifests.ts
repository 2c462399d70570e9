import { createHash } from 'node:crypto';
import { canonicalDigest, canonicalJson } from '@demeter/common/canonical';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import { AppError } from '@demeter/common/errors';
import type { CoreContext } from '../context.ts';
import type { Handle } from '../db/database.ts';
import { type Configured, readConfigured, readGroup, type WantedModels } from './configurations.ts';
import type { EdgeOfDays as EdgeRef } from './day-sets.ts';
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

/** Two answers that make the same version at once: one wins, the other reads it. */
const RACES_MAX = 5;

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

/**
 * The manifest of what the box should have now, signed. A change makes the next version; the same
 * answers the one before. Null: nobody has set anything.
 */
export async function currentManifest(
  context: Pick<CoreContext, 'db' | 'keys' | 'clock'>,
  edge: EdgeRef,
): Promise<Manifest | null> {
  const { db } = context;
  const effective = await readEffective(db, edge);
  if (!effective) return null;
  const document = canonicalJson(effective.configuration);
  const pieces = [pieceOf(document), ...(await readModelPieces(db, edge, effective.models))];
  const not_before = effective.notBefore?.toISOString() ?? null;
  // Another key signs anew: a manifest of a retired one is believed by no box.
  const content = canonicalDigest({ pieces, not_before, kid: context.keys.currentKid });
  for (let race = 0; race < RACES_MAX; race++) {
    const last = await readLast(db, edge);
    if (last?.content_digest.equals(content)) return last;
    const version = (last?.version ?? 0) + 1;
    const issuedAt = new Date(context.clock.now());
    const jws = await context.keys.signManifest({
      version,
      edge_id: edge.edgeId,
      organisation_id: edge.organisationId,
      issued_at: issuedAt.toISOString(),
      not_before,
      pieces,
    });
    const made = await db
      .insertInto('edge_manifests')
      .values({
        organisation_id: edge.organisationId,
        edge_id: edge.edgeId,
        version,
        content_digest: content,
        document,
        jws,
        issued_at: issuedAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('version')
      .executeTakeFirst();
    if (made) return { version, jws, document, issued_at: issuedAt };
  }
  throw new AppError('CONFLICT', 'The configuration changes too often just now.');
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
