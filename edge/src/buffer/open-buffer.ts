import { join } from 'node:path';
import { DurableFolders } from '@demeter/common/durable-files';
import { AppError } from '@demeter/common/errors';
import { acquireFileLock, type FileLock } from '@demeter/common/file-lock';
import type { Logger } from '@demeter/common/logger';
import type { PhotoLimits } from '@demeter/common/photo-format';
import type { Disk } from './disk.ts';
import type { Ids } from './ids.ts';
import type { Journal } from './journal.ts';
import { beginAnew, isDamage, type OpenedJournal, openJournal } from './open-journal.ts';
import { type Recovered, recover } from './recovery.ts';
import { type OnStep, Spool } from './spool.ts';

export interface Buffer {
  readonly journal: Journal;
  readonly spool: Spool;
  readonly lock: FileLock;
  readonly recovered: Recovered & { readonly rebuilt: boolean };
}

export interface BufferOptions {
  readonly folder: string;
  readonly limits: PhotoLimits;
  readonly disk: Disk;
  readonly ids: Ids;
  readonly log: Logger;
  readonly onStep: OnStep;
  /** There is a local store. */
  readonly copies?: boolean;
  /** Where the journal is not a file below `folder`; nobody else works there then. */
  readonly openJournal?: (() => OpenedJournal) | undefined;
}

/** Takes the data folder for this process and brings spool and journal to one state. */
export async function openBuffer(options: BufferOptions): Promise<Buffer> {
  const { folder, log } = options;
  await new DurableFolders(folder, options.disk).ensure(folder);
  const lock = options.openJournal ? { release: () => {} } : lockFolder(folder);
  const spool = new Spool(options);
  await spool.init();
  const opened = options.openJournal?.() ?? openJournal(folder, log);
  const { journal, rebuilt, counts } = await bringTogether(spool, opened, options);
  const recovered = { ...counts, rebuilt };
  log.info({ ...recovered, doubtful: counts.doubtful.size }, 'recovered');
  return { journal, spool, lock, recovered };
}

/** A journal whose damage is found meanwhile is begun anew; nothing was done by it yet. */
async function bringTogether(
  spool: Spool,
  opened: OpenedJournal,
  { folder, log, ids, copies }: BufferOptions,
): Promise<OpenedJournal & { readonly counts: Recovered }> {
  const { journal, sound } = opened;
  try {
    return { ...opened, counts: await recover(spool, journal, log, { ids, sound, copies }) };
  } catch (error) {
    // What reading a damaged journal throws may be anything.
    const cause: unknown = await (sound ?? Promise.resolve()).then(
      () => error,
      (damage: unknown) => damage,
    );
    if (!sound || !isDamage(cause)) throw cause;
    const anew = beginAnew(folder, log, { damage: cause, journal });
    return { ...anew, counts: await recover(spool, anew.journal, log, { ids, copies }) };
  }
}

function lockFolder(folder: string): FileLock {
  const result = acquireFileLock(join(folder, 'lock'));
  if (result.lock) return result.lock;
  const who = result.holder === undefined ? 'Another program' : `Process ${result.holder}`;
  throw new AppError('DATA_FOLDER_IN_USE', `${who} works on ${folder}.`, {
    field: 'DEMETER_EDGE_DATA',
  });
}
