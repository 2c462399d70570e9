import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { Journal } from '../buffer/journal.ts';
import { sendAnyway } from '../buffer/kept.ts';
import { readConfig } from '../config.ts';

/**
 * A person overrules a policy, beside a running edge or without one. `prefix`: enough of the
 * photo's SHA-256 to name one. Throws NOT_FOUND, INVALID_INPUT, CONFLICT.
 */
export function sendPhoto(env: Environment, prefix: string) {
  if (!/^[0-9a-f]{8,64}$/.test(prefix)) {
    throw new AppError('INVALID_INPUT', 'A photo is named by 8 or more hex digits of its SHA-256.');
  }
  const path = join(readConfig(env).dataFolder, 'journal.sqlite');
  if (!existsSync(path)) {
    throw new AppError('NOT_FOUND', `There is no journal at ${path}.`, {
      hint: 'Start the edge once, or correct DEMETER_EDGE_DATA.',
    });
  }
  const journal = Journal.openBeside(path);
  try {
    const found = journal.all<{ sha256: string }>(
      'SELECT sha256 FROM photos WHERE sha256 GLOB ? LIMIT 2',
      `${prefix}*`,
    );
    const [photo, another] = found;
    if (!photo) {
      throw new AppError('NOT_FOUND', 'This edge knows no such photo.', {
        hint: '`admin.ts photos` lists those it knows, by the first digits of their SHA-256.',
      });
    }
    if (another) throw new AppError('INVALID_INPUT', 'Several photos begin so: give more digits.');
    const { sha256, state } = sendAnyway(journal, photo.sha256, 'admin', Date.now());
    return { photo_id: sha256, state };
  } finally {
    journal.closeReader();
  }
}
