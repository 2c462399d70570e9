import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How `admin.ts reconcile` asks the running edge for a comparison: by a file in the data folder. */

export function requestReconciliation(folder: string): void {
  writeFileSync(pathOf(folder), '');
}

/** True once for each request. */
export function takeRequest(folder: string): boolean {
  if (!existsSync(pathOf(folder))) return false;
  rmSync(pathOf(folder), { force: true });
  return true;
}

function pathOf(folder: string): string {
  return join(folder, 'reconcile-requested');
}
