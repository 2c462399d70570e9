import { SETTINGS } from '@demeter/common/settings';
import { dataPaths, ENTRY } from '../paths.ts';
import { askPart } from '../processes/run.ts';
import { readRunning, withAdminEnvironment } from '../system/admin-environment.ts';
import { CoreClient } from '../system/core-client.ts';
import type { Variables } from '../system/environment.ts';
import { readTokenFile } from '../system/token.ts';

export interface ConnectOptions {
  /** http://host:port of a core elsewhere. */
  readonly url?: string;
  readonly tokenFile?: string;
  readonly data: string;
}

/** A server that loads and calibrates a large model takes minutes. */
const TIMEOUT_MS = 15 * 60_000;
const TOKEN_MINUTES = '30';
export const NO_CORE =
  'no core answers: start `bun run demo`, or name one with --url and --token-file; `demeter models files` says what MODEL_DIR holds';

/**
 * The core that is named, with its token's file; else the one of this environment or data folder,
 * as its local administrator.
 */
export async function connectCore({ url, tokenFile, data }: ConnectOptions): Promise<CoreClient> {
  const given = tokenFile === undefined ? undefined : await readTokenFile(tokenFile);
  if (url !== undefined && given !== undefined) return new CoreClient(url, given, TIMEOUT_MS);
  // Its database alone could make a token, but there is nobody to show it to.
  if (url === undefined && !process.env.DATABASE_URL && !readRunning(dataPaths(data))) {
    throw new Error(NO_CORE);
  }
  return await withAdminEnvironment(data, async (env) => {
    const args = ['token', '--role', 'admin', '--minutes', TOKEN_MINUTES, '--json'];
    const token = given ?? ((await askPart({ entry: ENTRY.coreAdmin, args, env })) as Token).token;
    return new CoreClient(url ?? coreUrl(env), token, TIMEOUT_MS);
  });
}

interface Token {
  readonly token: string;
}

function coreUrl(env: Variables): string {
  const { DEMETER_CORE_HOST: host, DEMETER_CORE_PORT: port } = SETTINGS;
  const bound = `http://${env.DEMETER_CORE_HOST || host.default}:${env.DEMETER_CORE_PORT || port.default}`;
  return (env.DEMETER_CORE_PUBLIC_URL || bound).replace(/\/+$/, '');
}
