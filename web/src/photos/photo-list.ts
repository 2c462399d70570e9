import { signal } from '@preact/signals';
import { answer, api } from '../api/client.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { Photo } from '../api/shapes.ts';
import { onPhoto, onResync } from '../live/live.ts';
import type { PhotoFilter } from '../router.ts';
import { type ListQuery, mergePhotos, updatePhotos } from './list-rules.ts';

const PAGE = 48;
/** Events come in bursts; photos are read once for each burst. */
const BURST_MS = 250;
/** Beyond this many changed photos the first page is read instead of each. */
const SINGLE_READS_MAX = 8;

/** What the core is asked for. A photo that was set aside has a session that failed. */
const SESSION_STATES: Readonly<Record<PhotoFilter, string | undefined>> = {
  all: undefined,
  waiting: 'needs_location,needs_config,needs_calibration',
  refused: 'failed',
};

export const photos = signal<readonly Photo[] | undefined>(undefined);
/** Cursor of the next page; null where there is none. */
export const rest = signal<string | null>(null);
export const problem = signal<ApiProblem | undefined>(undefined);

let reload: () => Promise<void> = async () => {};
let refresh: (photoId: string) => void = () => {};

/** Reads the list again from its start, e.g. after a failure. */
export function reloadPhotos(): void {
  void reload();
}

/** Reads one photo again, e.g. when its links have expired. */
export function refreshPhoto(photoId: string): void {
  refresh(photoId);
}

/** Shows the photos of `query`, newest first, and keeps them true until the answered end. */
export function showPhotos(query: ListQuery): () => void {
  let ended = false;
  let changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  photos.value = undefined;
  rest.value = null;

  reload = () =>
    attempt(async () => {
      const first = await readPage(query);
      if (ended) return;
      photos.value = first.items;
      rest.value = first.next;
    });
  const catchUp = () =>
    attempt(async () => {
      const ids = [...changed];
      changed = new Set();
      if (ids.length > SINGLE_READS_MAX) return reload();
      const read = await Promise.all(ids.map(readPhoto));
      if (!ended) photos.value = updatePhotos(photos.value ?? [], read, query);
    });
  refresh = (photoId) => {
    changed.add(photoId);
    timer ??= setTimeout(() => {
      timer = undefined;
      void catchUp();
    }, BURST_MS);
  };
  const stopPhotos = onPhoto(({ photo_id }) => refresh(photo_id));
  const stopResync = onResync(reloadPhotos);
  reloadPhotos();
  return () => {
    ended = true;
    stopPhotos();
    stopResync();
    clearTimeout(timer);
  };
}

/** Adds the next page to the list. */
export async function showMore(query: ListQuery): Promise<void> {
  const cursor = rest.value;
  if (!cursor) return;
  await attempt(async () => {
    const page = await readPage(query, cursor);
    // Another list may be shown by now.
    if (rest.peek() !== cursor) return;
    photos.value = mergePhotos(photos.value ?? [], page.items);
    rest.value = page.next;
  });
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    problem.value = undefined;
  } catch (error) {
    problem.value = asProblem(error);
  }
}

function readPhoto(photoId: string): Promise<Photo> {
  const params = { path: { photo_id: photoId } };
  return answer(api.GET('/api/v1/photos/{photo_id}', { params }));
}

function readPage({ filter, locationId }: ListQuery, cursor?: string) {
  const states = SESSION_STATES[filter];
  const query = { limit: PAGE, cursor, location_id: locationId, session_state: states };
  return answer(api.GET('/api/v1/photos', { params: { query } }));
}
