import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import type { UserPrincipal } from '../auth/principal.ts';
import { type TakeContext, takePhoto } from '../photos/take-photo.ts';
import { cleanFileName } from '../photos/upload-request.ts';

export interface KeptPhoto {
  /** The client's own name for it, e.g. a path. */
  readonly reference: string;
  readonly content: Uint8Array;
}

/**
 * Takes in a photo that a client has streamed, as one that it has uploaded. Throws
 * PERMISSION_DENIED, and what `takePhoto` throws.
 */
export async function keepPhoto(
  take: TakeContext,
  { reference, content }: KeptPhoto,
  { actor, permissions }: UserPrincipal,
): Promise<void> {
  if (!permissions.has('photos:write')) {
    throw new AppError('PERMISSION_DENIED', 'To keep a photo needs the permission photos:write.');
  }
  await takePhoto(take, {
    chunks: new Blob([new Uint8Array(content)]).stream(),
    claims: () => ({ fileName: cleanFileName(reference), capturedAt: null, place: null }),
    actor,
    correlationId: newId(),
    traceparent: null,
  });
}
