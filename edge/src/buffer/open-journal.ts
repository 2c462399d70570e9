import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '@demeter/common/durable-files';
import type { Logger } from '@demeter/common/logger';
import { Journal, JournalDamaged } from './journal.ts';
import { checkBeside } from './journal-check.ts';

export interface OpenedJournal {
  readonly journal: Journal;
  /** True: it was begun anew. */
  readonly rebuilt: boolean;
  /** Its check goes on: rejects (isDamage) where it is damaged; until then it is only read. */
  readonly sound?: Promise<void>;
}

/** A smaller journal is checked sooner than a process starts. */
const LARGE_BYTES = 16 * 1024 * 1024;

/**
 * Opens the journal. One that SQLite finds damaged is put aside and begun anew; the spool's
 * sidecars then rebuild what matters, and photos without a receipt are sent again. A journal that
 * is whole but cannot be opened now (full disk, newer version) is left alone: throws.
 */
export function openJournal(folder: string, log: Logger, largeBytes = LARGE_BYTES): OpenedJournal {
  const path = pathIn(folder);
  let journal: Journal | null = null;
  try {
    journal = Journal.open(path);
    if (statSync(path).size < largeBytes) {
      journal.requireIntegrity();
      return { journal, rebuilt: false };
    }
    const sound = checkBeside(journal, path, log);
    // Whoever waits for it hears of it.
    sound.catch(() => {});
    return { journal, rebuilt: false, sound };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return beginAnew(folder, log, { damage: error, journal });
  }
}

/** Puts a damaged journal aside. */
export function beginAnew(
  folder: string,
  log: Logger,
  { damage, journal }: { readonly damage: unknown; readonly journal: Journal | null },
): OpenedJournal {
  const path = pathIn(folder);
  const aside = `${path}.broken-${Date.now()}`;
  log.error({ err: damage, aside }, 'the journal is damaged and is rebuilt from the spool');
  journal?.closeReader();
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return { journal: Journal.open(path), rebuilt: true };
}

function pathIn(folder: string): string {
  return join(folder, 'journal.sqlite');
}

/** What cannot be read any more is damaged; what cannot be written now (a full disk) is not. */
const DAMAGE = /^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|DATA|CORRUPTFS)$)/;

export function isDamage(error: unknown): boolean {
  return error instanceof JournalDamaged || DAMAGE.test(errnoOf(error) ?? '');
}
