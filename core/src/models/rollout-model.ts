import { AppError } from '@demeter/common/errors';
import type { HealthReport__Output } from '@demeter/proto';
import { type OfferedModel, parseModelName } from '../pipelines/pipeline.ts';
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
  const wanted = parseModelName(plantsModel);
  if (wanted.name !== version.name) {
    throw new AppError(
      'CONFLICT',
      `${version.name} is not the model that counts; only versions of ${wanted.name} can be rolled out.`,
      { hint: `Name ${wanted.name}/VERSION, or set DEMETER_PLANTS_MODEL to ${version.name}.` },
    );
  }
  if (wanted.version !== undefined && wanted.version !== version.version) {
    throw new AppError('CONFLICT', `DEMETER_PLANTS_MODEL pins ${plantsModel}.`, {
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
