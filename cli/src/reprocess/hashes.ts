import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AppError } from '@demeter/common/errors';
import type { RequestOf } from './bulk-client.ts';
import type { CountOptions } from './request-options.ts';

/** Hashes in one message: 128 KiB. */
const BATCH = 4096;

/**
 * The requests of PlanPhotos: options, then the hashes in `source`, a file or `-` for stdin. Each
 * line begins with 64 hex digits, as `sha256sum` writes it; empty lines are left out.
 * Throws INVALID_INPUT with the line's number.
 */
export async function* planPhotosRequests(
  source: string,
  options: CountOptions,
): AsyncGenerator<RequestOf<'PlanPhotos'>> {
  yield { options };
  const input = source === '-' ? process.stdin : createReadStream(source);
  let batch: Buffer[] = [];
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === '') continue;
    const hex = /^\\?([0-9a-fA-F]{64})(\s|$)/.exec(line.trim())?.[1];
    if (hex === undefined) {
      throw new AppError('INVALID_INPUT', `--hashes ${source}: line ${number} has no SHA-256.`, {
        hint: 'Each line begins with 64 hex digits, as sha256sum writes it.',
      });
    }
    batch.push(Buffer.from(hex, 'hex'));
    if (batch.length < BATCH) continue;
    yield { photos: { sha256s: Buffer.concat(batch) } };
    batch = [];
  }
  if (batch.length > 0) yield { photos: { sha256s: Buffer.concat(batch) } };
}
