import { signal } from '@preact/signals';
import { answer, api } from '../api/client.ts';
import { oneAtATime } from '../api/one-at-a-time.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { Detections, Movement, Photo, Product } from '../api/shapes.ts';
import { onPhoto, onResync } from '../live/live.ts';
import { may } from '../sign-in/session.ts';

export interface PhotoData {
  readonly photo: Photo;
  /** Of the photo's current run; undefined until there is one. */
  readonly detections: Detections | undefined;
  readonly movements: readonly Movement[];
}

export const photoData = signal<PhotoData | undefined>(undefined);
export const photoProblem = signal<ApiProblem | undefined>(undefined);

let shownId: string | undefined;

/** Shows one photo and keeps it true until the answered end. */
export function showPhoto(photoId: string): () => void {
  shownId = photoId;
  photoData.value = undefined;
  photoProblem.value = undefined;
  const stopPhotos = onPhoto((event) => {
    if (event.photo_id === photoId) void readPhoto();
  });
  const stopResync = onResync(() => void readPhoto());
  void readPhoto();
  return () => {
    if (shownId === photoId) shownId = undefined;
    stopPhotos();
    stopResync();
  };
}

/** Reads the shown photo, its boxes and bookings (again); an older answer never covers a newer one. */
export const readPhoto = oneAtATime(async () => {
  const photoId = shownId;
  if (photoId === undefined) return;
  try {
    const params = { path: { photo_id: photoId } };
    const photo = await answer(api.GET('/api/v1/photos/{photo_id}', { params }));
    const [detections, movements] = await Promise.all([
      readDetections(photo),
      readMovements(photoId),
    ]);
    if (shownId !== photoId) return;
    photoData.value = { photo, detections, movements };
    photoProblem.value = undefined;
  } catch (error) {
    if (shownId === photoId) photoProblem.value = asProblem(error);
  }
});

/** Says where the photo was taken. Throws ApiProblem. */
export async function setPlace(photoId: string, locationId: string): Promise<void> {
  await answer(
    api.PUT('/api/v1/photos/{photo_id}/location', {
      params: { path: { photo_id: photoId } },
      body: { location_id: locationId },
    }),
  );
  await readPhoto();
}

/** Says what grows at a place; the core then books what waited for it. Throws ApiProblem. */
export async function setProduct(locationId: string, productId: string): Promise<void> {
  await answer(
    api.PUT('/api/v1/storage-locations/{id}/config', {
      params: { path: { id: locationId } },
      body: { product_id: productId },
    }),
  );
  await readPhoto();
}

/** Products that may still be chosen, by name. Throws ApiProblem. */
export async function readProducts(): Promise<readonly Product[]> {
  const products: Product[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 200, cursor };
    const page = await answer(api.GET('/api/v1/products', { params: { query } }));
    products.push(...page.items.filter(({ retired_at }) => retired_at === null));
    cursor = page.next ?? undefined;
  } while (cursor);
  return products.sort((a, b) => a.common_name.localeCompare(b.common_name));
}

/** A run's boxes never change: read once for each run. */
async function readDetections({ photo_id, run }: Photo): Promise<Detections | undefined> {
  if (run?.state !== 'completed') return undefined;
  const known = photoData.peek()?.detections;
  if (known?.run_id === run.id) return known;
  const params = { path: { photo_id } };
  return answer(api.GET('/api/v1/photos/{photo_id}/detections', { params }));
}

async function readMovements(photoId: string): Promise<readonly Movement[]> {
  if (!may('stock:read')) return [];
  const params = { query: { photo_id: photoId } };
  return (await answer(api.GET('/api/v1/stock/movements', { params }))).items;
}
