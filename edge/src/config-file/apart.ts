import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';

/** What the box keeps in its data folder (docs/edge.md, "On the disk"). */
const OWN = ['spool', 'tmp', 'uploads', 'broken', 'credential', 'configuration', 'models'];

/**
 * Watched folders lie beside each other, and hold nothing of the box's own. A file that two look
 * through would be two cameras' photo, and the box would take its own spool for photos that
 * somebody dropped, and move them away. Throws INVALID_SETTING.
 */
export function requireApart(dataFolder: string, watched: readonly string[]): void {
  const data = realOf(dataFolder);
  const taken = OWN.map((name) => join(data, name));
  for (const folder of watched) {
    const real = realOf(folder);
    const clash = taken.find((other) => isWithin(real, other) || isWithin(other, real));
    if (clash !== undefined) {
      throw new AppError(
        'INVALID_SETTING',
        `The watched folder ${folder} and ${clash} are one, or one lies in the other.`,
        { field: 'watch', hint: 'Give each a folder of its own, beside the others.' },
      );
    }
    taken.push(real);
  }
}

function isWithin(path: string, folder: string): boolean {
  return folder === '/' || `${path}/`.startsWith(`${folder}/`);
}

/** Without links, as far as it exists. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
