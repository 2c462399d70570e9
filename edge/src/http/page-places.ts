import { AppError } from '@demeter/common/errors';
import { tooLarge } from '@demeter/common/photo-format';
import { isPlaceCode } from '@demeter/common/place-code';
import { Elysia } from 'elysia';
import type { Spool } from '../buffer/spool.ts';
import type { Devices } from '../pairing/devices.ts';
import type { PhotoEye } from '../photos/photo-eye.ts';
import type { KnownPlace } from '../places/known-places.ts';
import { Incoming, type Pace } from './incoming.ts';
import { changerOf, sessionOf } from './session.ts';

export interface PagePlacesOptions {
  readonly devices: Devices;
  readonly spool: Spool;
  readonly eye: PhotoEye;
  /** `truncated`: the nursery has others that the box does not know. */
  readonly places: () => { readonly places: readonly KnownPlace[]; readonly truncated: boolean };
  readonly bytesMax: number;
  readonly pace?: Pace | undefined;
}

/** Photos of tags at the same time: each holds a temporary file. */
const SCANS_MAX = 8;

/** Where photos are taken: the places that the box knows, and the code in the photo of a tag. */
export function pagePlaceRoutes(options: PagePlacesOptions) {
  const { devices, spool, eye, places, bytesMax, pace } = options;
  let scans = 0;
  const scan = async (request: Request): Promise<readonly string[]> => {
    const announced = Number(request.headers.get('content-length') ?? 0);
    if (announced > bytesMax) throw tooLarge(bytesMax);
    const limits = { bodyBytesMax: bytesMax, photoBytesMax: bytesMax, pace };
    // Into the spool's temporary folder, with the checks of a photo; it gets no name there.
    const received = await spool.receive(new Incoming(request.body, limits));
    try {
      return await eye.tags(received.path, received.header.mediaType);
    } finally {
      await spool.release(received);
    }
  };
  return new Elysia({ prefix: '/page' })
    .get('/places', ({ request }) => {
      sessionOf(devices, request);
      return places();
    })
    .post(
      '/scan',
      async ({ request }) => {
        changerOf(devices, request);
        if (scans >= SCANS_MAX) {
          throw new AppError('TOO_MANY_REQUESTS', 'Too many tags are being read at once.', {
            retryAfterSeconds: 2,
          });
        }
        scans++;
        try {
          const texts = await scan(request);
          return { codes: texts.filter(isPlaceCode) };
        } finally {
          scans--;
        }
      },
      { parse: 'none' },
    );
}
