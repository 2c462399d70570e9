import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { Journal, PHOTO_STATES } from '../buffer/journal.ts';
import { readConfig } from '../config.ts';
import { type ListQuery, listPhotos } from '../photos/list-photos.ts';

/** Photos of the journal, newest first, beside a running edge or without one. */
export function readPhotos(env: Environment, query: ListQuery) {
  const states: readonly string[] = [...PHOTO_STATES, 'quarantined'];
  if (query.state !== undefined && !states.includes(query.state)) {
    throw new AppError('INVALID_INPUT', `--state is one of ${states.join(', ')}.`);
  }
  if (!Number.isInteger(query.limit) || Number(query.limit) < 1) {
    throw new AppError('INVALID_INPUT', '--limit is a whole number from 1.');
  }
  const { dataFolder: folder } = readConfig(env);
  const path = join(folder, 'journal.sqlite');
  if (!existsSync(path)) {
    throw new AppError('NOT_FOUND', `There is no journal in ${folder}.`, {
      hint: 'Start the edge once, or correct DEMETER_EDGE_DATA.',
    });
  }
  const journal = Journal.openReadOnly(path);
  try {
    return listPhotos(journal, query);
  } finally {
    journal.closeReader();
  }
}
