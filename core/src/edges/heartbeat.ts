import { type Static, t } from 'elysia';
import type { EdgePrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import { nullable } from '../http/schemas.ts';
import { noteContact } from '../times/contacts.ts';
import { judgeHeartbeat } from './heartbeat-rules.ts';

const Time = t.String({ format: 'date-time' });
const Whole = t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const ShortText = t.String({ maxLength: 100 });

const Alarm = t.Object(
  { code: ShortText, sentence: t.String({ maxLength: 500 }) },
  { additionalProperties: true },
);
const Camera = t.Object(
  { code: ShortText, last_photo_at: nullable(Time) },
  { additionalProperties: true },
);

/** How a box is (docs/protocols.md). Newer boxes may say more: what is not known is left. */
export const Heartbeat = t.Object(
  {
    sent_at: Time,
    clock_correction_ms: t.Optional(t.Number()),
    boot_id: ShortText,
    boot_number: t.Optional(Whole),
    monotonic_ms: t.Number({ minimum: 0 }),
    version: t.String({ minLength: 1, maxLength: 40 }),
    backlog_photos: t.Integer({ minimum: 0, maximum: 2_000_000_000 }),
    backlog_bytes: Whole,
    oldest_unsent_at: nullable(Time),
    held_bytes: Whole,
    quota_bytes: Whole,
    fullness: ShortText,
    alarms: t.Array(Alarm, { maxItems: 50 }),
    cameras: t.Array(Camera, { maxItems: 500 }),
    config_version: nullable(ShortText),
  },
  { additionalProperties: true },
);
export type Heartbeat = Static<typeof Heartbeat>;

/** Puts the box's last state in the place of the one before: one row a box. */
export async function storeHeartbeat(
  { db, clock }: Pick<CoreContext, 'db' | 'clock'>,
  { organisationId, edgeId }: EdgePrincipal,
  given: Heartbeat,
): Promise<void> {
  const now = clock.now();
  const judged = judgeHeartbeat(given, now);
  const { fullness, alarms, cameras, config_version, boot_id, monotonic_ms } = given;
  const report = { fullness, alarms: alarms.map(toAlarm), cameras: cameras.map(toCamera) };
  const values = {
    received_at: new Date(now),
    clock_offset_ms: judged.clockOffsetMs,
    backlog_photos: given.backlog_photos,
    backlog_bytes: given.backlog_bytes,
    oldest_unsent_at: judged.oldestUnsentAt,
    held_bytes: given.held_bytes,
    quota_bytes: given.quota_bytes,
    disk_share: judged.diskShare,
    report: JSON.stringify({ ...report, config_version, boot_id, monotonic_ms }),
  };
  await db
    .insertInto('edge_states')
    .values({ organisation_id: organisationId, edge_id: edgeId, ...values })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'edge_id']).doUpdateSet(values))
    .execute();
  // Photos that wait for their hours are dated by it, even where the box restarts before it sends.
  await noteContact(
    db,
    { organisationId, edgeId },
    {
      bootId: boot_id,
      bootNumber: given.boot_number ?? null,
      monotonicMs: monotonic_ms,
      wallMs: now - judged.clockOffsetMs,
      receivedMs: now,
    },
  );
  await db
    .updateTable('edges')
    .set({ version: given.version })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .where((where) => where('version', 'is distinct from', given.version))
    .execute();
}

const toAlarm = ({ code, sentence }: Static<typeof Alarm>) => ({ code, sentence });
const toCamera = ({ code, last_photo_at }: Static<typeof Camera>) => ({ code, last_photo_at });
