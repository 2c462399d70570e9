import { existsSync } from 'node:fs';
import { parseConfig } from '@demeter/common/config';
import { SETTINGS, type Setting, type SettingName } from '@demeter/common/settings';
import { dataPaths, ENTRY } from '../paths.ts';
import { askPart } from '../processes/run.ts';
import { withAdminEnvironment } from '../system/admin-environment.ts';
import { bad, type Finding, note, ok } from './finding.ts';
import { examineMachine } from './machine.ts';
import { examineServers } from './servers.ts';

/** Looks at everything, one part's own doctor after the other; nothing here throws. */
export async function examine(dataFolder: string): Promise<readonly Finding[]> {
  const { values, notes } = parseConfig(process.env);
  return [
    ...examineMachine(),
    ...configured(),
    ...notes.map((sentence) => note('settings', sentence)),
    ...(await examineServers(values)),
    ...(await askCore(dataFolder)),
    ...(await askModels(dataFolder)),
  ];
}

function configured(): Finding[] {
  const set = (Object.keys(SETTINGS) as SettingName[]).filter((name) => process.env[name]);
  const shown = set.map((name) => {
    const setting: Setting = SETTINGS[name];
    return setting.secret ? `${name}=…` : `${name}=${process.env[name]}`;
  });
  return [ok('settings', shown.length === 0 ? 'all defaults' : shown.join(' '))];
}

async function askCore(dataFolder: string): Promise<Finding[]> {
  if (!process.env.DATABASE_URL && !existsSync(dataPaths(dataFolder).postgres)) {
    const mend =
      'run `bun run demo`; for servers of your own set DATABASE_URL and run `demeter init`';
    return [note('core', `nothing is stored in ${dataFolder} yet`, mend)];
  }
  return await askDoctor('core', () =>
    withAdminEnvironment(dataFolder, (env) =>
      askPart({ entry: ENTRY.coreAdmin, args: ['doctor', '--json'], env }),
    ),
  );
}

/** A part's doctor answers rows of {check, ok, detail, hint}; `ok` is null where it could not ask. */
async function askDoctor(part: string, ask: () => Promise<unknown>): Promise<Finding[]> {
  try {
    const rows = (await ask()) as readonly {
      readonly check: string;
      readonly ok: boolean | null;
      readonly detail: string;
      readonly hint?: string | null;
    }[];
    return rows.map((row) => {
      const what = `${part}: ${row.check}`;
      if (row.ok) return ok(what, row.detail);
      const mend = row.hint ?? 'look in the log';
      return row.ok === null ? note(what, row.detail, mend) : bad(what, row.detail, mend);
    });
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return [bad(part, says, 'correct what it names, and run doctor again')];
  }
}

interface ModelsAnswer {
  readonly driver: string;
  readonly models: readonly {
    readonly model: string;
    readonly state: string;
    readonly provider?: string;
    readonly reason: string;
  }[];
}

/** Each model loaded and run once; of the embedded system also those that were uploaded to it. */
async function askModels(dataFolder: string): Promise<Finding[]> {
  const { models: uploads } = dataPaths(dataFolder);
  const own = !process.env.DATABASE_URL && existsSync(uploads);
  try {
    const { models } = (await askPart({
      entry: ENTRY.inferenceAdmin,
      args: ['check', '--json'],
      env: { ...(own ? { DEMETER_INFERENCE_UPLOADS: uploads } : {}), ...process.env },
      anyCode: true,
    })) as ModelsAnswer;
    if (models.length === 0) {
      return [bad('models', 'none found', 'put one into models/, or set MODEL_DIR')];
    }
    return models.map(({ model, state, provider, reason }) =>
      state === 'ready'
        ? ok(`model ${model}`, `runs on ${provider ?? 'cpu'}`)
        : bad(`model ${model}`, reason || state, 'correct the file or its manifest'),
    );
  } catch (error) {
    return [bad('models', error instanceof Error ? error.message : String(error), 'see above')];
  }
}
