import { access, mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { newId } from '@demeter/common/ids';
import { toPlainName } from './file-names.ts';
import type { Found } from './walk.ts';

/** Some cameras call every photo the same: not all numbers are tried. */
const NUMBERED_MAX = 9;

/** A path in `root`, below the same folders as the file found, at which nothing stands yet. */
export async function freeName(
  root: string,
  { folder: below, name }: Pick<Found, 'folder' | 'name'>,
): Promise<string> {
  const parts = below.split('/').filter((part) => part !== '');
  const folder = join(root, ...parts.map((part) => toPlainName(Buffer.from(part))));
  await mkdir(folder, { recursive: true });
  const plain = toPlainName(name);
  const { name: stem, ext } = parse(plain);
  for (let count = 0; count <= NUMBERED_MAX; count++) {
    const target = join(folder, count === 0 ? plain : `${stem}-${count}${ext}`);
    if (!(await exists(target))) return target;
  }
  return join(folder, `${stem}-${newId()}${ext}`);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
