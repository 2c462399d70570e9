import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_DATA } from '../demo/data-folder.ts';
import { type ConnectOptions, connectCore, NO_CORE } from '../models/connect.ts';
import {
  type Change,
  changeRows,
  type Models,
  modelRows,
  type Rollout,
  rolloutRow,
} from '../models/rows.ts';
import { ENTRY } from '../paths.ts';
import { runPart } from '../processes/run.ts';
import { type CoreClient, CoreRefusal } from '../system/core-client.ts';

interface Words extends ConnectOptions {
  readonly json: boolean;
  readonly server?: readonly string[];
  readonly pin?: boolean;
  readonly manifest?: string;
  readonly load?: boolean;
  readonly canary?: boolean;
  readonly percent?: number;
  readonly autoPromote?: boolean;
  readonly reason?: string;
}

interface Answer {
  /** Whole, for --json. */
  readonly body: unknown;
  readonly rows: readonly object[];
  /** False: some server has refused. */
  readonly done?: boolean;
  readonly warning?: string | null | undefined;
}

type Act = (core: CoreClient, words: Words, args: readonly string[]) => Promise<Answer>;

/** `demeter models`: what servers hold, and which version counts. */
export function addModels(program: Command): void {
  const models = program
    .command('models')
    .description('the models of the inference servers, and new versions on their way');
  const add = (usage: string, about: string, act: Act, isDefault = false) =>
    models
      .command(usage, { isDefault })
      .description(about)
      .option('--url <url>', 'http address of a core elsewhere')
      .option('--token-file <file>', 'file that holds an access token for it')
      .option('--data <dir>', 'data folder of the embedded system', DEFAULT_DATA)
      .option('--json', 'the answer as one line of JSON', false)
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Command;
        process.exitCode = await perform(act, command.opts<Words>(), command.args);
      });
  const atServers = (usage: string, about: string, act: Act) =>
    add(usage, about, act).option('--server <id...>', 'only there; else wherever it is');

  add('list', 'versions and the servers that hold them', list, true);
  models
    .command('files')
    .description('what MODEL_DIR holds, and what is wrong with it; without a core')
    .option('--json', 'as one line of JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const args = json ? ['models', '--json'] : ['models'];
      process.exitCode = await runPart({ entry: ENTRY.inferenceAdmin, args, env: process.env });
    });
  atServers('load <model>', 'make NAME/VERSION ready', (core, { server, pin }, [model]) =>
    change(core.post(`${pathOf(model)}/load`, { ...toServers(server), pin: pin === true })),
  ).option('--pin', 'and keep it from eviction');
  atServers('unload <model>', 'end it after its running photos', (core, { server }, [model]) =>
    change(core.post(`${pathOf(model)}/unload`, toServers(server))),
  );
  atServers('pin <model>', 'keep it from eviction', pin(true));
  atServers('unpin <model>', 'no longer', pin(false));
  add('upload <model> <file>', 'send NAME/VERSION to every server', upload)
    .option('--manifest <file>', 'its manifest.json')
    .option('--load', 'load it at once');
  add('remove <model>', 'delete an uploaded version that is not loaded', (core, _, [model]) =>
    change(core.delete(pathOf(model))),
  );
  add('rollout <model>', 'try NAME/VERSION on a share of the photos', rollout)
    .option('--canary', 'show and book its counts at once, without a shadow before')
    .option('--percent <n>', 'of the photos; 5', parsePercent)
    .option('--auto-promote', 'once the canary has passed');
  add('promote <model>', 'let NAME/VERSION count all new photos', decide('promote')).option(
    '--reason <text>',
    'for the record',
  );
  add('rollback <model>', 'go back to the version before', decide('rollback')).option(
    '--reason <text>',
    'for the record',
  );
  add('rollouts', 'rollouts, newest first', async (core) => {
    const body = await core.get<{ rollouts: readonly Rollout[] }>('/rollouts');
    return { body, rows: body.rollouts.map(rolloutRow) };
  });
}

/** Answers the exit code. */
async function perform(act: Act, words: Words, args: readonly string[]): Promise<number> {
  try {
    const { body, rows, done = true, warning } = await act(await connectCore(words), words, args);
    if (words.json) console.log(JSON.stringify(body));
    else if (rows.length === 0) console.log('none');
    else console.table(rows);
    if (warning) console.error(`warning: ${warning}`);
    return done ? 0 : 1;
  } catch (error) {
    if (error instanceof CoreRefusal)
      console.error([`${error.code}: ${error.message}`, error.hint].join('\n').trim());
    else if (
      error instanceof TypeError ||
      (error as { code?: string }).code === 'ConnectionRefused'
    )
      console.error(NO_CORE);
    else throw error;
    return 1;
  }
}

const list: Act = async (core) => {
  const body = await core.get<Models>('/models');
  return { body, rows: modelRows(body) };
};

function pin(pinned: boolean): Act {
  return (core, { server }, [model]) =>
    change(core.put(`${pathOf(model)}/pin`, { ...toServers(server), pinned }));
}

const upload: Act = async (core, { manifest, load }, [model, file]) => {
  const form = new FormData();
  form.set('sha256', await hashOf(file!));
  if (manifest !== undefined) form.set('manifest', await readFile(manifest, 'utf8'));
  form.set('load', String(load === true));
  form.set('file', Bun.file(file!));
  return await change(core.putForm<Change>(`${pathOf(model)}/file`, form));
};

const rollout: Act = async (core, { canary, percent, autoPromote }, [model]) => {
  const body = await core.post<Rollout>(`${pathOf(model)}/rollout`, {
    phase: canary ? 'canary' : 'shadow',
    ...(percent === undefined ? {} : { percent }),
    auto_promote: autoPromote === true,
  });
  return { body, rows: [rolloutRow(body)] };
};

function decide(what: 'promote' | 'rollback'): Act {
  return async (core, { reason }, [model]) => {
    const given = reason === undefined ? {} : { reason };
    const body = await core.post<Rollout>(`${pathOf(model)}/${what}`, given);
    return { body, rows: [rolloutRow(body)] };
  };
}

async function change(asked: Promise<unknown>): Promise<Answer> {
  const body = (await asked) as Change;
  const done = body.servers.every((server) => server.done);
  return { body, rows: changeRows(body), done, warning: body.warning };
}

/** `NAME/VERSION` as a path of the API. */
function pathOf(model: string | undefined): string {
  const [, name, version] = /^([^/]+)\/([^/]+)$/.exec(model ?? '') ?? [];
  if (name && version) {
    return `/models/${encodeURIComponent(name)}/${encodeURIComponent(version)}`;
  }
  throw new Error(`A model is named NAME/VERSION, not ${model}.`);
}

function toServers(servers: readonly string[] | undefined) {
  return servers === undefined ? {} : { servers };
}

function parsePercent(text: string): number {
  const percent = Number(text);
  if (percent > 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('It is a number above 0, up to 100.');
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
