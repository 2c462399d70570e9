import { AppError } from '@demeter/common/errors';
import { sql } from 'kysely';
import { writeAudit } from '../audit.ts';
import type { Transaction } from '../db/database.ts';
import { type EdgeAuthor, lockEdge, notThere } from './queries.ts';

/**
 * Forgets a box that was never here, one that was added under a mistyped code, say; its code and
 * its configuration go with it, the audit stays. Throws NOT_FOUND, CONFLICT (it has enrolled, or
 * come with a token: of such a box revocation, keys and photos must stay known).
 */
export async function removeEdge(
  trx: Transaction,
  { organisationId, actor }: EdgeAuthor,
  edgeId: string,
): Promise<void> {
  // Enrolling takes the same lock: it is there before this, or finds no box.
  const edge = await lockEdge(trx, organisationId, edgeId);
  if (!edge) throw notThere();
  if (await wasHere(trx, organisationId, edgeId)) {
    throw new AppError('CONFLICT', `The box ${edge.code} has been here: it cannot be removed.`, {
      hint: 'Revoke it: nothing that it sends is taken then.',
    });
  }
  for (const table of ['edge_codes', 'edge_configurations', 'edge_manifests'] as const) {
    await trx
      .deleteFrom(table)
      .where('organisation_id', '=', organisationId)
      .where('edge_id', '=', edgeId)
      .execute();
  }
  await trx
    .deleteFrom('edges')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .execute();
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.remove',
    subjectType: 'edges',
    subjectId: edgeId,
    before: { code: edge.code, name: edge.name },
  });
}

/** It enrolled once, or the core answered it: whatever else is kept of a box came by one of these. */
async function wasHere(trx: Transaction, organisationId: string, edgeId: string) {
  const { rows } = await sql<{ was_here: boolean }>`
    select e.last_seen_at is not null
        or exists (select from edge_keys k
                    where k.organisation_id = e.organisation_id and k.edge_id = e.id)
        or exists (select from sightings s
                    where s.organisation_id = e.organisation_id and s.edge_id = e.id) as was_here
      from edges e where e.organisation_id = ${organisationId} and e.id = ${edgeId}`.execute(trx);
  return rows[0]?.was_here === true;
}
