import type { Logger } from '@demeter/common/logger';
import { rememberBoot } from './boot.ts';
import { isGone, type Journal } from './journal.ts';
import type { Sidecar } from './sidecar.ts';
import type { Spool, SpoolEntry } from './spool.ts';

export interface Recovered {
  /** Files that were being received when the process ended. */
  readonly reaped: number;
  /** Rows made again from sidecars. */
  readonly photos: number;
  readonly sightings: number;
  /** Photos whose bytes are others than their name, put aside. */
  readonly broken: number;
  /** Photos of the journal whose bytes are nowhere. */
  readonly lost: number;
}

/** What a start finds: brings spool and journal to one state before anything is accepted. */
export async function recover(spool: Spool, journal: Journal, log: Logger): Promise<Recovered> {
  const counts = { reaped: await spool.reapTemporary(), photos: 0, sightings: 0, broken: 0 };
  const present = new Set<string>();
  for await (const entry of spool.contents()) {
    if (!entry.photo) {
      await dropOrphans(spool, journal, entry);
      continue;
    }
    present.add(entry.sha256);
    const done = await recoverPhoto(spool, journal, entry, log);
    if (done === 'broken') counts.broken++;
    else {
      counts.photos += done.photos;
      counts.sightings += done.sightings;
    }
  }
  const lost = markLost(journal, present, log);
  // An upload that was under way is asked for again; the grant says whether it had arrived.
  journal.run("UPDATE photos SET state = 'queued', due_at = 0 WHERE state = 'uploading'");
  return { ...counts, lost };
}

async function recoverPhoto(spool: Spool, journal: Journal, entry: SpoolEntry, log: Logger) {
  const known = journal.photo(entry.sha256);
  const missing = entry.sightingIds.filter((id) => !journal.hasSighting(id));
  if (known && missing.length === 0) {
    if (isGone(known.state)) {
      // The process ended between the row and the file.
      await spool.removePhoto(entry.sha256);
      await spool.removeSidecars(entry.sha256, entry.sightingIds);
    } else if (known.in_spool === 0) journal.update(entry.sha256, { in_spool: 1 });
    return { photos: 0, sightings: 0 };
  }
  // A row is believed; bytes without one are believed only by their hash.
  if (!known && (await spool.hashOf(entry.sha256)) !== entry.sha256) {
    log.error({ sha256: entry.sha256 }, 'a photo in the spool has other bytes than its name');
    await spool.setAside(entry.sha256);
    return 'broken' as const;
  }
  const sidecars = await readSidecars(spool, entry.sha256, missing, log);
  const [first] = sidecars;
  if (!known && !first) {
    log.error({ sha256: entry.sha256 }, 'a photo in the spool has no readable sidecar');
    await spool.setAside(entry.sha256);
    return 'broken' as const;
  }
  journal.transaction(() => {
    if (first && (!known || isGone(known.state))) journal.addPhoto(first);
    for (const { sighting } of sidecars) {
      journal.addSighting(entry.sha256, sighting);
      rememberBoot(journal, sighting);
    }
  });
  return { photos: known ? 0 : 1, sightings: sidecars.length };
}

async function readSidecars(
  spool: Spool,
  sha256: string,
  ids: readonly string[],
  log: Logger,
): Promise<Sidecar[]> {
  const sidecars: Sidecar[] = [];
  for (const id of [...ids].sort()) {
    try {
      sidecars.push(await spool.readSidecar(sha256, id));
    } catch (error) {
      log.error({ err: error, sha256, sighting: id }, 'a sidecar cannot be read');
    }
  }
  return sidecars;
}

/** A sidecar gets its name before its photo: alone and unknown, it was never acknowledged. */
async function dropOrphans(spool: Spool, journal: Journal, entry: SpoolEntry): Promise<void> {
  const row = journal.photo(entry.sha256);
  if (row && !isGone(row.state)) return;
  await spool.removeSidecars(entry.sha256, entry.sightingIds);
}

function markLost(journal: Journal, present: ReadonlySet<string>, log: Logger): number {
  const rows = journal.all<{ sha256: string; state: string }>(
    'SELECT sha256, state FROM photos WHERE in_spool = 1',
  );
  const gone = rows.filter((row) => !present.has(row.sha256));
  for (const { sha256, state } of gone) {
    journal.update(sha256, { in_spool: 0 });
    if (state === 'verified') continue;
    log.error({ sha256 }, 'the bytes of an accepted photo are gone');
    journal.update(sha256, { last_error: 'BYTES_MISSING', parked: 'BYTES_MISSING' });
  }
  return gone.filter(({ state }) => state !== 'verified').length;
}
