import { AppError } from '@demeter/common/errors';
import type { ModelView } from '../../residency/entry.ts';
import type { Shelf } from '../../residency/shelf.ts';

/** What this protocol needs of the server's models. */
export type ServedModels = Pick<Shelf, 'list' | 'find' | 'use' | 'load' | 'unload'>;

/** The version named, else the default one. Throws NOT_FOUND. */
export function findModel(models: ServedModels, name: string, version: string): ModelView {
  const found = models.find({ name, version });
  if (found) return found;
  const what = version === '' ? `model ${name}` : `version ${version} of the model ${name}`;
  throw new AppError('NOT_FOUND', `There is no ${what} in the repository.`, {
    field: version === '' ? 'model_name' : 'model_version',
    hint: 'RepositoryIndex lists the models.',
  });
}
