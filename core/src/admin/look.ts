import { AppError } from '@demeter/common/errors';
import { readPhotos } from '../photos/photo-queries.ts';
import { checkStock } from '../stock/check-stock.ts';
import type { AdminContext } from './admin-context.ts';
import { type Answer, type Arguments, textOption } from './command.ts';

const PHOTOS_DEFAULT = 50;

/** The newest photos with what became of them. */
export async function listPhotos(context: AdminContext, args: Arguments): Promise<Answer> {
  const limit = Number(textOption(args, 'limit') ?? PHOTOS_DEFAULT);
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new AppError('INVALID_INPUT', '--limit is a whole number.');
  }
  const photos = await readPhotos(context.db, await context.organisationId(), {}, limit);
  return photos.map((photo) => ({
    photo_id: photo.photo_id,
    file: photo.file_name,
    state: photo.state,
    place: photo.location?.code ?? null,
    session: photo.session.state,
    detected: photo.session.detected,
    batch: photo.batch?.code ?? null,
    received_at: photo.received_at,
  }));
}

/** Proves that every batch is the sum of its movements. Throws CONFLICT where one is not. */
export async function check(context: AdminContext, { words }: Arguments): Promise<Answer> {
  if (words[0] !== 'check')
    throw new AppError('INVALID_INPUT', 'Usage: stock check.', { hint: '' });
  const found = await checkStock(context.db, await context.organisationId());
  if (found.disagreeing.length > 0) {
    const codes = found.disagreeing.map((one) => one.code).join(', ');
    throw new AppError('CONFLICT', `These batches are not the sum of their movements: ${codes}.`, {
      hint: 'Nothing of ours writes such a batch: look who changed the database.',
    });
  }
  return { ...found };
}
