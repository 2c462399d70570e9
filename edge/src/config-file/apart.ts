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
  watched.forEach((folder, index) => {
    const own = OWN.map((name) => join(data, name));
    const clash = [...own, ...watched.slice(0, index)].find((other) => overlap(folder, other));
    if (clash === undefined) return;
    throw new AppError(
      'INVALID_SETTING',
      `The watched folder ${folder} and ${clash} are one, or one lies in the other.`,
      { field: 'watch', hint: 'Give each a folder of its own, beside the others.' },
    );
  });
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [`${realOf(one)}/`, `${realOf(other)}/`];
  return a.startsWith(b) || b.startsWith(a);
}

/** Without links, as far as it exists. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
