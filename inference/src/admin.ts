/** For people and the command-line program: `admin.ts models|check [--json]`. */
import { readConfig } from './config.ts';
import { modelKey } from './model/model-spec.ts';
import { openNvml } from './model/nvml.ts';
import { chooseProviders } from './model/providers.ts';
import { type RepositoryEntry, readRepository } from './model/repository.ts';
import { Sessions } from './model/sessions.ts';

interface ModelRow {
  readonly model: string;
  /** "valid": can be read; "ready": was also loaded and run once; "unavailable". */
  readonly state: 'valid' | 'ready' | 'unavailable';
  readonly role: string;
  readonly task: string;
  readonly classes: number;
  readonly sha256: string;
  readonly reason: string;
}

const [command, ...flags] = process.argv.slice(2);
const config = readConfig(process.env);
if (command === 'models') {
  show((await readRepository(config.modelFolders, config.values.APP_ENV)).map(toRow));
} else if (command === 'check') {
  await check();
} else {
  console.error('usage: admin.ts models|check [--json]');
  process.exitCode = 2;
}

/** Says what would run here: the driver, the provider, and each model loaded and run once. */
async function check(): Promise<void> {
  const nvml = openNvml();
  const { providers, gpu } = chooseProviders(config, nvml);
  const rows: (ModelRow & { readonly provider?: string })[] = [];
  for (const entry of await readRepository(config.modelFolders, config.values.APP_ENV)) {
    rows.push('spec' in entry ? await tryModel(entry) : toRow(entry));
  }
  const good = rows.some((row) => row.state === 'ready');
  const driver = nvml === null ? 'no NVIDIA driver' : `${nvml.list().length} GPU(s)`;
  const summary = { driver, gpu: gpu?.name ?? null, gpu_lock: gpu?.uuid ?? null, providers };
  if (flags.includes('--json')) console.log(JSON.stringify({ ok: good, ...summary, models: rows }));
  else {
    console.log(`Driver: ${driver}. Providers to try: ${providers.join(', ')}.`);
    show(rows);
    if (!good) console.log('No model runs: put one into MODEL_DIR, or mend the reasons above.');
  }
  process.exitCode = good ? 0 : 1;
}

async function tryModel(
  entry: Extract<RepositoryEntry, { spec: unknown }>,
): Promise<ModelRow & { readonly provider?: string }> {
  const { providers } = chooseProviders(config, openNvml());
  const sessions = new Sessions();
  try {
    const loaded = await sessions.load(entry.spec, { providers, threads: config.threads });
    const { provider, reason } = loaded;
    return { ...toRow(entry), state: 'ready', provider, reason };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...toRow(entry), state: 'unavailable', reason };
  } finally {
    await sessions.close();
  }
}

function toRow(entry: RepositoryEntry): ModelRow {
  const spec = 'spec' in entry ? entry.spec : undefined;
  return {
    model: modelKey(entry),
    state: spec ? 'valid' : 'unavailable',
    role: spec?.role ?? '',
    task: spec?.task ?? '',
    classes: spec?.classNames.length ?? 0,
    sha256: spec?.digest.toString('hex') ?? '',
    reason: 'error' in entry ? entry.error.message : '',
  };
}

function show(rows: readonly ModelRow[]): void {
  if (flags.includes('--json')) console.log(JSON.stringify({ models: rows }));
  else if (rows.length === 0) console.log('No models.');
  else for (const row of rows) console.log(toLine(row));
}

function toLine({ model, state, role, task, classes, reason }: ModelRow): string {
  const what = reason || `${task}, ${classes} class(es)${role ? `, for ${role}` : ''}`;
  return `${model.padEnd(32)} ${state.padEnd(12)} ${what}`;
}
