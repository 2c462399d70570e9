import type { Policies, Policy } from '@demeter/common/edge-configuration/schema';
import { AppError } from '@demeter/common/errors';
import type { Journal, PhotoRow } from './journal.ts';

/**
 * Photos that a policy keeps back on this box:
 *
 *   JUDGED ◄─ a person sends it ─ REJECTED_KEPT ─ its days are over ─► RESOLVED (bytes gone)
 *
 * What was done stands in `policy_actions`, one row an act, so that no photo goes silently. Bytes
 * are removed by the janitor alone.
 */

/** Which of the policies a photo falls under. */
export interface AppliedPolicy extends Policy {
  /** Of the policies' keys: a verdict, or a reason. */
  readonly name: keyof Policies;
}

export function isKept({ forward }: Policy): boolean {
  return forward === 'thumbnail' || forward === 'hold';
}

export function policyOf(row: Pick<PhotoRow, 'policy'>): AppliedPolicy | null {
  return row.policy === null ? null : (JSON.parse(row.policy) as AppliedPolicy);
}

/** Writes down what a policy did, in the transaction of the caller. */
export function notePolicyAction(
  journal: Journal,
  photo: Pick<PhotoRow, 'sha256' | 'policy'>,
  act: {
    readonly action: 'kept' | 'sent' | 'resolved';
    readonly actor: string;
    readonly at: number;
  },
): void {
  const policy = policyOf(photo);
  journal.run(
    'INSERT INTO policy_actions (at, sha256, action, policy, verdict, actor) VALUES (?, ?, ?, ?, ?, ?)',
    act.at,
    photo.sha256,
    act.action,
    policy?.forward ?? 'none',
    policy?.name ?? 'none',
    act.actor,
  );
}

/**
 * A person overrules policy and verdict: the photo is sent, before others. Sent already, it stays
 * as it is. Throws NOT_FOUND, CONFLICT (its bytes are gone).
 */
export function sendAnyway(journal: Journal, sha256: string, actor: string, at: number): PhotoRow {
  return journal.transaction(() => {
    const row = journal.photo(sha256);
    if (!row) throw new AppError('NOT_FOUND', 'This edge knows no such photo.');
    if (row.state === 'resolved') {
      throw new AppError('CONFLICT', 'The policy has given this photo up: its bytes are gone.', {
        hint: 'Take it again.',
      });
    }
    if (row.state === 'rejected_kept') {
      const changes = {
        state: 'judged',
        lane: 2,
        due_at: 0,
        attempts: 0,
        keep_until: null,
      } as const;
      journal.update(sha256, changes);
      notePolicyAction(journal, row, { action: 'sent', actor, at });
    } else if (row.state === 'judged' || row.state === 'queued') {
      journal.update(sha256, { lane: 2, due_at: 0 });
    }
    return journal.photo(sha256) as PhotoRow;
  });
}

/**
 * Photos whose days are over, those first that were to go first. Where there is a centre it has
 * taken note of each before: it can still ask for them until then.
 */
export function givenUp(
  journal: Journal,
  rule: { readonly now: number; readonly centreMustKnow: boolean },
  limit: number,
): PhotoRow[] {
  return journal.all<PhotoRow>(
    `SELECT * FROM photos WHERE state = 'rejected_kept' AND keep_until <= ?
       AND (stood_in_at IS NOT NULL OR NOT ?) ORDER BY keep_until LIMIT ?`,
    rule.now,
    Number(rule.centreMustKnow),
    limit,
  );
}

export interface PolicyCount {
  readonly action: string;
  readonly policy: string;
  readonly verdict: string;
  readonly photos: number;
}

/** What policies have done on this box, since its journal began. */
export function policyCounts(journal: Journal): PolicyCount[] {
  return journal.all<PolicyCount>(
    `SELECT action, policy, verdict, sum(photos) AS photos FROM (
       SELECT action, policy, verdict, count(*) AS photos FROM policy_actions GROUP BY 1, 2, 3
       UNION ALL SELECT action, policy, verdict, photos FROM policy_totals)
     GROUP BY 1, 2, 3`,
  );
}
