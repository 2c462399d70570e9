import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Glob } from 'bun';
import { type KnownPlace, renderSamples } from '../samples/render.ts';

/** One file that the demo sends. */
export interface PhotoFile {
  /** As the results name it. */
  readonly file: string;
  readonly path: string;
  readonly by: 'camera' | 'folder';
  readonly locationCode: string | undefined;
}

const EXTENSIONS = '{jpg,jpeg,jpe,png,webp,heic,heif,JPG,JPEG,JPE,PNG,WEBP,HEIC,HEIF}';

/** Photos in a folder and below it, by extension; all other files are left alone. */
export function photosIn(folder: string): PhotoFile[] {
  return [...new Glob(`**/*.${EXTENSIONS}`).scanSync({ cwd: folder })]
    .sort()
    .map((file) => ({ file, path: join(folder, file), by: 'camera', locationCode: undefined }));
}

/** The samples, each as soon as it is drawn. */
export async function* samplePhotos(
  folder: string,
  places: readonly KnownPlace[],
): AsyncGenerator<PhotoFile> {
  for await (const { file, path, by, locationCode } of renderSamples(folder, places)) {
    yield { file, path, by, locationCode };
  }
}

/** SHA-256 in hex: the photo's id everywhere. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function readPhoto(photo: PhotoFile): Buffer {
  return readFileSync(photo.path);
}

/** A place for a photo that names none: the same for the same bytes, readable by its file. */
export function ownPlaceCode(photo: PhotoFile, hash: string): string {
  const name = basename(photo.file)
    .replace(/\.[^.]+$/, '')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 32);
  return `${name || 'PHOTO'}-${hash.slice(0, 6).toUpperCase()}`;
}
