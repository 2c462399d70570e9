import { Elysia } from 'elysia';
import { pageFileRoutes } from './page-files.ts';
import { type PagePhotosOptions, pagePhotoRoutes } from './page-photos.ts';
import { type PagePlacesOptions, pagePlaceRoutes } from './page-places.ts';
import { type PageStateOptions, pageStateRoutes } from './page-state.ts';
import { type PairingOptions, pairingRoutes } from './pairing.ts';
import { type UploadsOptions, uploadRoutes } from './uploads.ts';

export type PageOptions = PairingOptions &
  PageStateOptions &
  PagePhotosOptions &
  PagePlacesOptions &
  UploadsOptions;

/** The box's own page, and all that it asks the box for. */
export function pageRoutes(options: PageOptions) {
  return new Elysia()
    .use(pageFileRoutes())
    .use(pairingRoutes(options))
    .use(pageStateRoutes(options))
    .use(pagePhotoRoutes(options))
    .use(pagePlaceRoutes(options))
    .use(uploadRoutes(options));
}
