import { newId } from '@demeter/common/ids';
import { correlationId } from '@demeter/common/logger';
import type { Handle } from './db/database.ts';

export interface AuditEntry {
  readonly organisationId: string;
  /** "user:<id>", "edge:<id>" or "system". */
  readonly actor: string;
  /** What was done, e.g. `storage_locations.update`. */
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Writes who changed what; in the transaction of the change, so that neither is without the other. */
export async function writeAudit(db: Handle, entry: AuditEntry): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  await db
    .insertInto('audit_entries')
    .values({
      organisation_id: entry.organisationId,
      id: newId(),
      actor: entry.actor,
      action: entry.action,
      subject_type: entry.subjectType,
      subject_id: entry.subjectId,
      before: json(entry.before),
      after: json(entry.after),
      correlation_id: correlationId() ?? null,
    })
    .execute();
}
