import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How `admin.ts reconcile` asks the running edge for a comparison, and hears that a try has failed:
 * by files in the data folder. How a comparison went stands in the journal.
 */

export function requestReconciliation(folder: string): void {
  rmSync(failureOf(folder), { force: true });
  writeFileSync(requestOf(folder), '');
}

/** True once for each request. */
export function takeRequest(folder: string): boolean {
  if (!existsSync(requestOf(folder))) return false;
  rmSync(requestOf(folder), { force: true });
  return true;
}

/** For whoever waits at the box. A disk that takes nothing lets them wait: the log says it too. */
export function noteFailedTry(folder: string, reason: string): void {
  try {
    writeFileSync(failureOf(folder), reason);
  } catch {}
}

/** Why the try that was requested last has failed; null: it has not. */
export function readFailedTry(folder: string): string | null {
  if (!existsSync(failureOf(folder))) return null;
  // Empty for the moment between its making and its text.
  return readFileSync(failureOf(folder), 'utf8') || null;
}

function requestOf(folder: string): string {
  return join(folder, 'reconcile-requested');
}

function failureOf(folder: string): string {
  return join(folder, 'reconcile-failed');
}
