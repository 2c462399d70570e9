import { AppError } from '@demeter/common/errors';
import type { HealthReport__Output } from '@demeter/proto';
import { type OfferedModel, parseModelNames } from '../pipelines/pipeline.ts';
import { nameOf } from './rollouts.ts';

/** What a model must be for, to count the plants of a photo. */
const ROLE = 'plants';

/**
 * The one file that servers hold under this version, fit to count. `plantsModel`:
 * DEMETER_PLANTS_MODEL. Throws CONFLICT, NOT_FOUND, MODEL_INVALID. Pure.
 */
export function findRolloutModel(
  version: { readonly name: string; readonly version: string },
  plantsModel: string,
  reports: readonly (Pick<HealthReport__Output, 'models'> | undefined)[],
): OfferedModel {
  const asked = nameOf(version);
  const all = parseModelNames(plantsModel);
  const wanted = all.find(({ name }) => name === version.name);
  if (!wanted) {
    const names = all.map(({ name }) => name);
    const is = names.length === 1 ? 'is not the model that counts' : 'is none of those that count';
    throw new AppError(
      'CONFLICT',
      `${version.name} ${is}; only versions of ${names.join(', ')} can be rolled out.`,
      { hint: `Name ${names[0]}/VERSION, or set DEMETER_PLANTS_MODEL to ${version.name}.` },
    );
  }
  if (wanted.version !== undefined && wanted.version !== version.version) {
    const pinned = `${wanted.name}/${wanted.version}`;
    throw new AppError('CONFLICT', `DEMETER_PLANTS_MODEL pins ${pinned}.`, {
      hint: `Set it to ${wanted.name} to roll out another version.`,
    });
  }
  const held = reports
    .flatMap((report) => report?.models ?? [])
    .filter((model) => nameOf(model) === asked && model.state !== 'STATE_UNAVAILABLE');
  const [digest, other] = new Set(held.map((model) => model.digest.toString('hex')));
  if (digest === undefined) {
    throw new AppError('NOT_FOUND', `No connected server has the model ${asked}.`, {
      hint: '`demeter models` lists those that are there; upload it first.',
    });
  }
  if (other !== undefined) {
    throw new AppError('CONFLICT', `Servers hold different files as ${asked}.`, {
      hint: 'GET /api/v1/models shows which server holds which.',
    });
  }
  const role = held.find((model) => model.role !== ROLE)?.role;
  if (role !== undefined) {
    throw new AppError(
      'MODEL_INVALID',
      `${asked} has ${role === '' ? 'no role' : `the role ${role}`}; only the role ${ROLE} counts.`,
      {
        hint: `Unload and remove it, then upload it again with a manifest.json of the role ${ROLE}.`,
      },
    );
  }
  return { name: version.name, version: version.version, digest };
}
