import { readFile } from 'node:fs/promises';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';
import { SETTINGS } from '@demeter/common/settings';
import { ChannelCredentials } from '@grpc/grpc-js';
import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_DATA } from '../demo/data-folder.ts';
import { dataPaths, ENTRY } from '../paths.ts';
import { askPart } from '../processes/run.ts';
import { readRunning, withAdminEnvironment } from '../system/admin-environment.ts';
import { checkToken, readTokenFile } from '../system/token.ts';
import { BulkClient, type BulkClientOptions } from './bulk-client.ts';

/** What every command of `demeter reprocess` takes. */
export interface ConnectionOptions {
  readonly core?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly data: string;
  readonly patience: number;
  readonly json: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Of a token that this command makes for itself: a reprocessing may take days. */
const MINTED_MINUTES = 7 * 24 * 60;

export function addConnectionOptions(command: Command): Command {
  return command
    .option('--core <host:port>', "the core's gRPC (DEMETER_CLIENT_CORE)")
    .option('--token <token>', 'access token; others on this machine can see it: better a file')
    .option('--token-file <file>', 'file that holds it (DEMETER_CLIENT_TOKEN_FILE)')
    .option('--ca <file>', 'TLS with the authority of this PEM file, or `system`')
    .option('--patience <seconds>', 'how long the core may be away', parseSeconds, 300)
    .option('--data <dir>', 'data folder of the embedded system', DEFAULT_DATA)
    .option('--json', 'one JSON object a line; the last one is the summary', false);
}

/**
 * A client of the core that options, environment or data folder name. Where neither an address nor
 * a token is named but a system is there, it is the local administrator's. Throws INVALID_SETTING.
 */
export async function connect(
  options: ConnectionOptions,
  rest: Pick<BulkClientOptions, 'signal' | 'say'>,
  env: Environment = process.env,
): Promise<BulkClient> {
  const named = options.core || env.DEMETER_CLIENT_CORE;
  const running = env.DATABASE_URL ? undefined : readRunning(dataPaths(options.data));
  const address = named || running?.core_grpc || boundAddress(env);
  const host = /^(.+):\d{1,5}$/.exec(address)?.[1];
  if (host === undefined) {
    throw new AppError('INVALID_SETTING', `The core's address is host:port, not ${address}.`);
  }
  const ca = options.ca || env.DEMETER_CLIENT_CA;
  const local = !named && (running !== undefined || Boolean(env.DATABASE_URL));
  const token = tokenSource(options, env) ?? (local ? minted(options) : async () => undefined);
  if (!ca && !isLoopback(host.replace(/^\[(.*)\]$/, '$1')) && (await token()) !== undefined) {
    throw new AppError('INVALID_SETTING', 'A token is not sent to another machine in the clear.', {
      hint: 'Name the authority of its certificate: --ca FILE, or --ca system.',
    });
  }
  return new BulkClient({
    address,
    credentials: await readCredentials(ca),
    token,
    patienceSeconds: options.patience,
    ...rest,
  });
}

/** What a core of this environment binds to. */
function boundAddress(env: Environment): string {
  const host = env.DEMETER_CORE_GRPC_HOST || SETTINGS.DEMETER_CORE_GRPC_HOST.default;
  return `${host}:${env.DEMETER_CORE_GRPC_PORT || SETTINGS.DEMETER_CORE_GRPC_PORT.default}`;
}

function tokenSource(
  options: ConnectionOptions,
  env: Environment,
): BulkClientOptions['token'] | undefined {
  const file = options.tokenFile || (options.token ? undefined : env.DEMETER_CLIENT_TOKEN_FILE);
  if (file) return async () => await readTokenFile(file);
  const token = options.token || env.DEMETER_CLIENT_TOKEN;
  const source = options.token ? '--token' : 'DEMETER_CLIENT_TOKEN';
  return token ? async () => checkToken(token, source) : undefined;
}

/** A token of the local administrator, made at the first call by who may: the core's own command. */
function minted(options: ConnectionOptions): BulkClientOptions['token'] {
  let made: Promise<string> | undefined;
  const make = async () =>
    await withAdminEnvironment(options.data, async (env) => {
      const args = ['token', '--role', 'admin', '--minutes', String(MINTED_MINUTES), '--json'];
      const answer = await askPart({ entry: ENTRY.coreAdmin, args, env });
      return (answer as { readonly token: string }).token;
    });
  return () => {
    made ??= make();
    return made;
  };
}

async function readCredentials(ca: string | undefined): Promise<ChannelCredentials> {
  if (!ca) return ChannelCredentials.createInsecure();
  if (ca === 'system') return ChannelCredentials.createSsl();
  const pem = await readFile(ca).catch(() => {
    throw new AppError('INVALID_SETTING', `The authority's file ${ca} cannot be read.`);
  });
  return ChannelCredentials.createSsl(pem);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text !== '' && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('It is a number of seconds, a day at most.');
}
