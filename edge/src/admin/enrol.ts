import type { Environment } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { readConfig } from '../config.ts';
import { enrol } from '../enrol/enrol.ts';
import { DestinationFailure } from '../forward/failures.ts';

const HINT = 'usage: enrol CODE [--core URL]; the code is from `demeter edge add` at the centre.';

/**
 * Enrols this box, also beside a running edge, which sees it by itself. Throws what `enrol` throws
 * as AppError.
 */
export async function enrolBox(env: Environment, code: string, core: string | undefined) {
  const config = readConfig({
    ...env,
    ...(core === undefined ? {} : { DEMETER_EDGE_CORE_URL: core }),
  });
  if (!config.core) {
    throw new AppError('INVALID_INPUT', 'It is not said where the core is.', { hint: HINT });
  }
  const { url } = config.core;
  try {
    const identity = await enrol({ dataFolder: config.dataFolder, coreUrl: url, code });
    const { edge_id, code: edge, name, fingerprint, core_url } = identity;
    return { edge_id, code: edge, name, fingerprint, core_url };
  } catch (error) {
    if (!(error instanceof DestinationFailure)) throw error;
    throw new AppError('DEADLINE_EXCEEDED', `${url}: ${error.message}`, {
      hint: 'Check the address and the network, then run it again with the same code.',
      cause: error,
    });
  }
}
