import { AppError } from '@demeter/common/errors';
import { isSha256Hex } from '@demeter/common/ids';
import { Elysia, t } from 'elysia';
import type { Journal, PhotoRow } from '../buffer/journal.ts';
import { sendAnyway } from '../buffer/kept.ts';
import type { Devices } from '../pairing/devices.ts';
import { listPagePhotos, type Names, toPagePhoto } from '../photos/page-photos.ts';
import type { PhotoEye } from '../photos/photo-eye.ts';
import { changerOf, sessionOf } from './session.ts';

export interface PagePhotosOptions {
  readonly journal: Journal;
  readonly devices: Devices;
  readonly eye: PhotoEye;
  readonly names: Names;
  readonly pathOf: (sha256: string) => string;
  readonly now: () => number;
  /** Something is to be sent. */
  readonly wake: () => void;
}

/** Photos for the page: with verdict, as a small picture, and "send anyway". */
export function pagePhotoRoutes(options: PagePhotosOptions) {
  const { journal, devices, eye, names, pathOf, now, wake } = options;
  const require = (sha256: string): PhotoRow => {
    const row = isSha256Hex(sha256) ? journal.photo(sha256) : null;
    if (row) return row;
    throw new AppError('NOT_FOUND', 'This box knows no such photo.', {
      hint: 'Load the list of photos again.',
    });
  };
  return new Elysia({ prefix: '/page/photos' })
    .get(
      '/',
      ({ request, query }) => {
        sessionOf(devices, request);
        const { show = 'all', limit = 30, after } = query;
        return listPagePhotos(journal, { show, limit, after }, names);
      },
      {
        query: t.Object({
          show: t.Optional(t.Union([t.Literal('all'), t.Literal('rejected')])),
          limit: t.Optional(t.Integer({ minimum: 1, maximum: 100 })),
          after: t.Optional(t.String({ pattern: '^[0-9]+-[0-9a-f]{64}$' })),
        }),
      },
    )
    .get('/:sha256', ({ request, params }) => {
      sessionOf(devices, request);
      return toPagePhoto(journal, require(params.sha256), names);
    })
    .get('/:sha256/preview', async ({ request, params }) => {
      sessionOf(devices, request);
      const row = require(params.sha256);
      if (row.in_spool !== 1) {
        throw new AppError('NOT_FOUND', 'The bytes of this photo are not in the spool any more.');
      }
      const webp = await eye.preview(row.sha256, pathOf(row.sha256), row.media_type);
      return new Response(new Uint8Array(webp), {
        headers: {
          'content-type': 'image/webp',
          'x-content-type-options': 'nosniff',
          // Named by its bytes: it never changes.
          'cache-control': 'private, max-age=31536000, immutable',
        },
      });
    })
    .post('/:sha256/send', ({ request, params }) => {
      const { device } = changerOf(devices, request);
      const { sha256 } = require(params.sha256);
      const row = sendAnyway(journal, sha256, `device:${device.id}`, now());
      wake();
      return toPagePhoto(journal, row, names);
    });
}
