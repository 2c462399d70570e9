import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type CoreRefusal, toRefusal } from '../system/core-client.ts';
import { type PhotoFile, readPhoto, sha256 } from './photo-file.ts';

/** What the edge said to one file. */
export type Accepted =
  | { readonly sha256: string; readonly refusal: null }
  | { readonly sha256: string; readonly refusal: { readonly code: string; readonly text: string } };

export interface EdgeDoor {
  readonly url: string;
  readonly cameraKey: string;
  /** Folder that the edge watches. */
  readonly inbox: string;
}

const TRIES = 5;
const TIMEOUT_MS = 120_000;
/** The edge takes a file that has lain still for 2 s. */
const FOLDER_MS = 30_000;

/** Gives one file to the edge, as a camera does. Throws when the edge cannot be reached. */
export async function sendPhoto(photo: PhotoFile, door: EdgeDoor): Promise<Accepted> {
  return photo.by === 'folder' ? await drop(photo, door) : await post(photo, door);
}

async function post(photo: PhotoFile, door: EdgeDoor): Promise<Accepted> {
  const bytes = readPhoto(photo);
  const hash = sha256(bytes);
  const headers: Record<string, string> = {
    authorization: `Bearer ${door.cameraKey}`,
    'content-type': 'application/octet-stream',
    'x-file-name': encodeURIComponent(basename(photo.file)),
    'expect-sha-256': hash,
  };
  if (photo.locationCode !== undefined) headers['x-location-code'] = photo.locationCode;
  let refusal: CoreRefusal | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await Bun.sleep(500 * 2 ** attempt);
    const response = await fetch(`${door.url}/photos`, {
      method: 'POST',
      headers,
      body: bytes,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return { sha256: hash, refusal: null };
    refusal = toRefusal(response.status, text);
    // What the edge cannot take now, it may take later; all else is its last word.
    if (response.status !== 429 && response.status < 500) break;
  }
  return { sha256: hash, refusal: { code: refusal!.code, text: refusal!.message } };
}

/**
 * Drops a copy into the watched folder, whole at once, and waits until the edge has moved it. A
 * file that the edge took at an earlier start is not dropped again.
 */
async function drop(photo: PhotoFile, door: EdgeDoor): Promise<Accepted> {
  const hash = sha256(readPhoto(photo));
  const name = basename(photo.file);
  if (existsSync(join(door.inbox, '.accepted', name))) return { sha256: hash, refusal: null };
  const target = join(door.inbox, name);
  copyFileSync(photo.path, `${target}.part`);
  renameSync(`${target}.part`, target);
  const deadline = Date.now() + FOLDER_MS;
  while (existsSync(target)) {
    if (Date.now() > deadline) throw new Error(`the edge has not taken ${target}`);
    await Bun.sleep(200);
  }
  const reason = join(door.inbox, '.refused', `${name}.reason.json`);
  if (!existsSync(reason)) return { sha256: hash, refusal: null };
  const problem = JSON.parse(readFileSync(reason, 'utf8')) as { code: string; detail: string };
  return { sha256: hash, refusal: { code: problem.code, text: problem.detail } };
}
