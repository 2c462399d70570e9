import type { Photo } from '../api/shapes.ts';
import type { PhotoFilter } from '../router.ts';
import { matchesFilter } from './photo-state.ts';

export interface ListQuery {
  readonly filter: PhotoFilter;
  readonly locationId?: string | undefined;
}

/** Changed photos in place, new ones on top, those that no longer belong here out. */
export function updatePhotos(
  shown: readonly Photo[],
  read: readonly Photo[],
  query: ListQuery,
): readonly Photo[] {
  const belongs = (photo: Photo) =>
    matchesFilter(photo, query.filter) &&
    (!query.locationId || photo.location?.id === query.locationId);
  const changed = new Set(read.map((photo) => photo.photo_id));
  return mergePhotos(shown, read).filter((photo) => !changed.has(photo.photo_id) || belongs(photo));
}

/** Both lists without doubles, newest first; the second one's photos win. */
export function mergePhotos(a: readonly Photo[], b: readonly Photo[]): readonly Photo[] {
  const byId = new Map([...a, ...b].map((photo) => [photo.photo_id, photo]));
  return [...byId.values()].sort((x, y) => Date.parse(y.received_at) - Date.parse(x.received_at));
}
