import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

/**
 * Photos of which the box does not have every byte yet, kept by the browser: a tab that is closed
 * and a phone that locks lose none. How far each was sent tus keeps beside it, in localStorage.
 */

export interface ChosenPhoto {
  readonly file: Blob;
  readonly name: string;
  /** The file's time, UTC milliseconds; 0: unknown. */
  readonly takenAt: number;
  /** Code of the place, '' for none. */
  readonly place: string;
}

interface Contents extends DBSchema {
  photos: { key: number; value: ChosenPhoto };
}

let opening: Promise<IDBPDatabase<Contents>> | null = null;

/** Answers the key under which it is kept. Throws where the browser has no room or keeps nothing. */
export async function keepPhoto(photo: ChosenPhoto): Promise<number> {
  const kept = (await open()).transaction('photos', 'readwrite', { durability: 'strict' });
  const [key] = await Promise.all([kept.store.add(photo), kept.done]);
  return key;
}

/** The box has it, or nobody wants it any more. */
export async function forgetPhoto(key: number): Promise<void> {
  await (await open()).delete('photos', key);
}

/** False once another tab has sent it. */
export async function isKept(key: number): Promise<boolean> {
  return (await (await open()).count('photos', key)) > 0;
}

/** All of them by their keys, in the order in which they were chosen. */
export async function keptPhotos(): Promise<readonly (readonly [number, ChosenPhoto])[]> {
  const { store } = (await open()).transaction('photos');
  const [keys, photos] = await Promise.all([store.getAllKeys(), store.getAll()]);
  return keys.map((key, at) => [key, photos[at]!] as const);
}

function open(): Promise<IDBPDatabase<Contents>> {
  opening ??= openDB<Contents>('demeter-box', 1, {
    upgrade: (database) => void database.createObjectStore('photos', { autoIncrement: true }),
    terminated: () => {
      opening = null;
    },
  }).catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return opening;
}
