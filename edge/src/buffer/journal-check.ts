import { join } from 'node:path';
import type { Logger } from '@demeter/common/logger';
import { type Journal, JournalDamaged } from './journal.ts';

/** Gigabytes of journal on a slow card; a box that takes no photos for longer is worse than a doubt. */
const LIMIT_MS = 5 * 60_000;

interface Check {
  readonly said: Promise<string>;
  /** To be called in any case. */
  readonly end: () => void;
}

/**
 * Has another process check the journal at `path`, which among 100,000 photos takes a core for
 * seconds. Rejects with JournalDamaged or with what reading throws. One that does not end in time is
 * ended, and the journal believed: SQLite looks at each page again when it reads it.
 */
export async function checkBeside(
  journal: Journal,
  path: string,
  log: Logger,
  { limitMs = LIMIT_MS, begin = beginCheck } = {},
): Promise<void> {
  const check = begin(path);
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), limitMs);
  try {
    const said = await Promise.race([check.said.catch(() => ''), late]);
    if (said === 'damaged') throw new JournalDamaged('the journal is damaged');
    if (said === 'late')
      log.error({ limitMs }, 'the check of the journal does not end: it is left');
    // It cannot be started or read: that is found out here.
    else if (said !== 'whole') journal.requireIntegrity();
  } finally {
    clearTimeout(timer);
    check.end();
  }
}

function beginCheck(path: string): Check {
  const program = join(import.meta.dir, 'journal-check-main.ts');
  const child = Bun.spawn([process.execPath, program, path], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const said = new Response(child.stdout).text().then((text) => text.trim());
  return { said, end: () => child.kill('SIGKILL') };
}
