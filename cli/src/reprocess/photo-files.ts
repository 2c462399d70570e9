import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';

const PHOTO = /\.(jpe?g|png|webp|heic|heif|avif|tiff?)$/i;

/**
 * Paths of the photos in `places`, files and folders, in order, one folder's names at a time in
 * memory. A file is taken as it is named; in folders those that look like photos.
 * Throws NOT_FOUND.
 */
export async function* photoFiles(places: readonly string[]): AsyncGenerator<string> {
  for (const place of places) {
    const found = await stat(place).catch(() => undefined);
    if (!found)
      throw new AppError('NOT_FOUND', `There is no file or folder ${place}.`, { hint: '' });
    if (found.isDirectory()) yield* photosBelow(place);
    else yield place;
  }
}

async function* photosBelow(folder: string): AsyncGenerator<string> {
  const names: string[] = [];
  const folders: string[] = [];
  for await (const entry of await opendir(folder)) {
    if (entry.isDirectory()) folders.push(entry.name);
    else if (PHOTO.test(entry.name)) names.push(entry.name);
  }
  for (const name of names.sort()) yield join(folder, name);
  for (const name of folders.sort()) yield* photosBelow(join(folder, name));
}
