import { join } from 'node:path';
import { type Journal, JournalDamaged } from './journal.ts';

/**
 * Has another process check the journal at `path`, which among 100,000 photos takes a core for
 * seconds. Rejects with JournalDamaged or with what reading throws.
 */
export async function checkBeside(journal: Journal, path: string): Promise<void> {
  const said = await ask(path).catch(() => '');
  if (said === 'damaged') throw new JournalDamaged('the journal is damaged');
  // It cannot be started or read: that is found out here.
  if (said !== 'whole') journal.requireIntegrity();
}

async function ask(path: string): Promise<string> {
  const program = join(import.meta.dir, 'journal-check-main.ts');
  const child = Bun.spawn([process.execPath, program, path], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return (await new Response(child.stdout).text()).trim();
}
