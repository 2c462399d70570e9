import { writeAudit } from '../audit.ts';
import type { CoreContext } from '../context.ts';

/** Entries a minute and core: who tries without end must not fill the audit. */
const ENTRIES_A_MINUTE = 60;
const MINUTE_MS = 60_000;

export interface Trespass {
  /** `edge:<id>`, or `address:<ip>` where nobody said who it was. */
  readonly actor: string;
  readonly subjectType: 'edges' | 'photos';
  readonly subjectId: string;
}

type TrespassContext = Pick<CoreContext, 'db' | 'clock' | 'log' | 'organisationId'>;

const written = new WeakMap<object, { minute: number; entries: number }>();

/** Audits that somebody reached for what is another box's; the answer was a refusal. */
export async function auditTrespass(context: TrespassContext, trespass: Trespass): Promise<void> {
  const { db, clock, log, organisationId } = context;
  log.warn(trespass, "somebody reached for what is another box's");
  const minute = Math.floor(clock.now() / MINUTE_MS);
  const last = written.get(context);
  const count = last?.minute === minute ? last.entries + 1 : 1;
  written.set(context, { minute, entries: count });
  if (count > ENTRIES_A_MINUTE) return;
  await writeAudit(db, { organisationId, action: 'edges.trespass', ...trespass });
}
