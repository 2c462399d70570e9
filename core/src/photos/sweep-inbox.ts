import { isUuid, parseSha256 } from '@demeter/common/ids';
import type { CoreContext } from '../context.ts';
import { counterOf } from '../http/metrics.ts';

const DAY_MS = 86_400_000;
const REMOVED = {
  name: 'demeter_inbox_removed_total',
  help: 'Objects that were put for a photo and registered by nobody, and have been removed.',
};

type InboxContext = Pick<
  CoreContext,
  'db' | 'originals' | 'clock' | 'values' | 'organisationId' | 'log' | 'metrics' | 'stopping'
>;

/**
 * Removes bytes that boxes have put and nobody registered for `DEMETER_INBOX_DAYS`, and what a
 * registration left behind. The grants for them, of an hour, are long over; a box that comes to
 * register one after all is told PHOTO_NOT_IN_STORE, and puts it again. Of a photo that the centre
 * has lost nothing is removed: this may be all there is.
 */
export async function sweepInbox(context: InboxContext): Promise<void> {
  const { originals, clock, values, organisationId, log, metrics, stopping } = context;
  const before = clock.now() - values.DEMETER_INBOX_DAYS * DAY_MS;
  let removed = 0;
  for await (const { key, storedAt } of originals.entries(`inbox/${organisationId}/`)) {
    if (stopping.aborted) break;
    const sha256 = sha256Of(key);
    if (storedAt.getTime() >= before || !sha256) continue;
    // A registration under way has no receipt before the bytes are under their own key.
    if ((await stateOf(context, sha256)) === 'missing') continue;
    await originals.remove(key);
    removed++;
  }
  counterOf(metrics.registry, REMOVED).inc(removed);
  if (removed > 0) log.info({ removed }, 'bytes that nobody registered have been removed');
}

/** Null: no key of ours (inbox/ORGANISATION/EDGE/SHA256), which is left alone. */
function sha256Of(key: string): Buffer | null {
  const [, , edgeId = '', sha256 = '', ...more] = key.split('/');
  const isOurs = isUuid(edgeId) && /^[0-9a-f]{64}$/.test(sha256) && more.length === 0;
  return isOurs ? parseSha256(sha256) : null;
}

async function stateOf({ db, organisationId }: InboxContext, sha256: Buffer) {
  const photo = await db
    .selectFrom('photos')
    .select('state')
    .where('organisation_id', '=', organisationId)
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  return photo?.state;
}
