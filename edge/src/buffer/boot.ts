import { readFileSync } from 'node:fs';
import type { Journal } from './journal.ts';
import type { Sighting } from './sidecar.ts';

/**
 * One start of the machine: within it the monotonic clock never jumps, whatever is done to the wall
 * clock, and starts are counted, so that sightings keep their order: by number, monotonic clock,
 * sequence.
 */
export interface Boot {
  readonly id: string;
  /** From 1; 0: not counted. */
  readonly number: number;
  /** What the process's monotonic clock showed less than the machine's, in milliseconds. */
  readonly aheadMs: number;
}

/** This machine's start by Linux; elsewhere that of the process, under the id it is given. */
export function machineBoot(processId: string): Omit<Boot, 'number'> {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // Seconds with two decimals, suspended time included.
    const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    if (/^[0-9a-f-]{36}$/.test(id) && uptimeMs > 0) {
      return { id, aheadMs: Math.max(0, uptimeMs - performance.now()) };
    }
  } catch {
    // No Linux, or a sandbox without /proc.
  }
  return { id: processId, aheadMs: 0 };
}

/** Counts this start, unless it was counted before. */
export function enterBoot(journal: Journal, boot: Omit<Boot, 'number'>): Boot {
  journal.run('INSERT OR IGNORE INTO boots (id) VALUES (?)', boot.id);
  const [row] = journal.all<{ number: number }>('SELECT number FROM boots WHERE id = ?', boot.id);
  return { ...boot, number: row?.number ?? 0 };
}

/** A sighting of a journal that is made again: its start keeps its number. */
export function rememberBoot(journal: Journal, { boot_id, boot_number }: Sighting): void {
  if (!boot_number) return;
  journal.run('INSERT OR IGNORE INTO boots (number, id) VALUES (?, ?)', boot_number, boot_id);
}
