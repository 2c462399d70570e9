import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '@demeter/common/durable-files';
import type { Logger } from '@demeter/common/logger';
import { Journal, JournalDamaged } from './journal.ts';

export interface OpenedJournal {
  readonly journal: Journal;
  /** True: it was begun anew. */
  readonly rebuilt: boolean;
}

/**
 * Opens the journal. One that SQLite finds damaged is put aside and begun anew; the spool's
 * sidecars then rebuild what matters, and photos without a receipt are sent again. A journal that
 * is whole but cannot be opened now (full disk, newer version) is left alone: throws.
 */
export function openJournal(folder: string, log: Logger): OpenedJournal {
  const path = join(folder, 'journal.sqlite');
  try {
    const journal = Journal.open(path);
    journal.requireIntegrity();
    return { journal, rebuilt: false };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${path}.broken-${Date.now()}`;
    log.error({ err: error, aside }, 'the journal is damaged and is rebuilt from the spool');
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    }
    return { journal: Journal.open(path), rebuilt: true };
  }
}

/** What cannot be read any more is damaged; what cannot be written now (a full disk) is not. */
const DAMAGE = /^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|DATA|CORRUPTFS)$)/;

function isDamage(error: unknown): boolean {
  return error instanceof JournalDamaged || DAMAGE.test(errnoOf(error) ?? '');
}
