import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import type { Environment } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { realDisk } from '../buffer/real-disk.ts';
import { type EdgeConfig, readConfig } from '../config.ts';
import { ConfigurationFolder } from '../configuration/folder.ts';
import { createCredential } from '../enrol/credential.ts';
import { identityTrouble, readIdentity } from '../enrol/identity-file.ts';
import { DestinationFailure } from '../forward/failures.ts';
import { realTransport } from '../forward/transport.ts';
import { PAGE_FOLDER } from '../http/page-files.ts';
import { checkCameras, checkSnapshots } from './check-cameras.ts';
import { checkCore } from './check-core.ts';
import { type EffectiveValue, effectiveValues } from './effective.ts';
import { lookAtEdge } from './running.ts';

/** What the doctor says about this box. Nothing is changed. */
export interface Finding {
  readonly level: 'ok' | 'note' | 'wrong';
  readonly what: string;
  readonly finding: string;
  readonly hint?: string;
}

const REACH_TIMEOUT_MS = 5_000;
const EXPIRY_WARNING_MS = 14 * 86_400_000;
const FREE_WARNING_BYTES = 1024 ** 3;

export interface CheckReport {
  readonly findings: readonly Finding[];
  /** Empty where the configuration is wrong. */
  readonly values: readonly EffectiveValue[];
}

export async function runCheck(env: Environment): Promise<CheckReport> {
  let config: EdgeConfig;
  try {
    config = readConfig(env);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message: finding, hint } = error;
    return { findings: [{ level: 'wrong', what: 'configuration', finding, hint }], values: [] };
  }
  const pulled = await new ConfigurationFolder(config.dataFolder, realDisk).readInForce();
  const edge = lookAtEdge(config.dataFolder);
  const values = effectiveValues(config, env, { pulled, started: edge.started });
  const findings = [
    ok('configuration', 'every setting is known and has a possible value'),
    ...config.notes.map(
      (note): Finding => ({ level: 'note', what: 'configuration', finding: note }),
    ),
    await checkFolder(config),
    edge.finding,
    ...checkRestart(values),
    await checkPage(),
    ...(await checkCameras(config)),
    ...(await checkWatches(config)),
    ...(await checkSnapshots(config)),
    await checkCore(config, values),
    ...(await checkCredential(config)),
    ...(await checkPulled(config)),
    await checkStore(config),
  ];
  return { findings, values };
}

/** A file that was edited since the edge began is not in force yet. */
function checkRestart(values: readonly EffectiveValue[]): Finding[] {
  const others = values.filter(({ until_restart }) => until_restart !== null);
  if (others.length === 0) return [];
  const said = others.map(
    ({ name, value, until_restart }) => `${name} is ${until_restart}, then ${value}`,
  );
  return [
    {
      level: 'note',
      what: 'edge',
      finding: `until it is restarted: ${said.join('; ')}`,
      hint: 'Restart the edge to bring them into force.',
    },
  ];
}

async function checkFolder({ dataFolder, values }: EdgeConfig): Promise<Finding> {
  const folder = await existingParent(dataFolder);
  try {
    await access(folder, constants.W_OK);
  } catch {
    return wrong('data folder', `${folder} cannot be written`, 'Give the edge its folder.');
  }
  const free = await realDisk.free(folder);
  const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  const text = `${gib(free)} free at ${dataFolder}, quota ${gib(values.DEMETER_EDGE_BYTES_MAX)}`;
  const short = free < FREE_WARNING_BYTES;
  return short ? wrong('disk', text, 'Free space on the disk.') : ok('disk', text);
}

async function existingParent(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await access(folder).then(
      () => true,
      () => false,
    );
    if (found || dirname(folder) === folder) return folder;
  }
}

async function checkPage(): Promise<Finding> {
  const isBuilt = await Bun.file(join(PAGE_FOLDER, 'index.html')).exists();
  return isBuilt
    ? ok('page', 'is built; `admin.ts pin` pairs a phone')
    : { level: 'note', what: 'page', finding: 'is not built', hint: 'Run `bun web/build.ts`.' };
}

async function checkWatches({ watches }: EdgeConfig): Promise<Finding[]> {
  return await Promise.all(
    watches.map(async ({ folder, camera }) => {
      try {
        await access(folder, constants.R_OK | constants.W_OK);
        return ok('watched folder', `${folder} for ${camera.code}`);
      } catch {
        return wrong('watched folder', `${folder} cannot be read and written`, 'Make the folder.');
      }
    }),
  );
}

async function checkPulled({ core, dataFolder }: EdgeConfig): Promise<Finding[]> {
  if (!core) return [];
  const { applied, trial, refused } = await new ConfigurationFolder(
    dataFolder,
    realDisk,
  ).readState();
  const what = "the centre's configuration";
  const hint = 'Set another one at the centre (docs/edge.md, "Configuration from the centre").';
  if (applied === null && refused === null) return [{ level: 'note', what, finding: 'none' }];
  const stand = trial === null ? '' : trial.worked ? ', awaits its models' : ', on trial';
  return [
    ...(applied === null ? [] : [ok(what, `version ${applied}${stand}`)]),
    ...(refused === null
      ? []
      : [wrong(what, `version ${refused.version} was left: ${refused.reason}`, hint)]),
  ];
}

async function checkCredential({ core, dataFolder }: EdgeConfig): Promise<Finding[]> {
  const trouble = identityTrouble(dataFolder);
  if (trouble) return [lostCredential(trouble, dataFolder)];
  if (!core) return [];
  const enrolled = readIdentity(dataFolder);
  if (enrolled) {
    const { code, core_url, fingerprint } = enrolled;
    const refused = await askForToken({ core, dataFolder });
    const whose = `${code} at ${core_url}, its own key ${fingerprint}`;
    const newCode = `Ask for a code at the centre (\`demeter edge code ${code}\`), then run \`enrol\`.`;
    const findings = [
      refused === null
        ? ok('credential', whose)
        : wrong('credential', `${refused}: ${whose}`, newCode),
    ];
    if (core.issued) {
      const finding = 'DEMETER_EDGE_TOKEN is not used: the box has its own key';
      findings.push({ level: 'note', what: 'credential', finding, hint: 'Remove it.' });
    }
    return findings;
  }
  if (!core.issued) {
    const hint = 'Ask for a code at the centre (`demeter edge add CODE`), then run `enrol`.';
    return [wrong('credential', 'this box is not enrolled: photos are held here', hint)];
  }
  if (core.issued.expiresAt === null) return [ok('credential', 'does not end')];
  const date = new Date(core.issued.expiresAt).toISOString();
  const left = core.issued.expiresAt - Date.now();
  const hint = 'Ask for a code at the centre (`demeter edge code CODE`), then run `enrol`.';
  if (left < 0) return [wrong('credential', `ended on ${date}`, hint)];
  if (left > EXPIRY_WARNING_MS) return [ok('credential', `ends on ${date}`)];
  return [{ level: 'note', what: 'credential', finding: `ends on ${date}`, hint }];
}

function lostCredential(trouble: 'spoilt' | 'unreadable', dataFolder: string): Finding {
  const path = join(dataFolder, 'credential', 'identity.json');
  if (trouble === 'unreadable') {
    const hint = 'Run this as the edge’s user, or give that user the folder `credential`.';
    return wrong('credential', `${path} may not be read`, hint);
  }
  const hint =
    'Ask for a new code at the centre (`demeter edge code CODE`), run `enrol CODE --core URL`, and restart the edge.';
  return wrong('credential', `${path} is damaged, or was: photos wait here`, hint);
}

/** Why the centre gives this box's key no token; null: it does, or is away, which is found elsewhere. */
async function askForToken(config: Pick<EdgeConfig, 'core' | 'dataFolder'>) {
  const credential = createCredential(config, { clock: systemClock, transport: realTransport });
  try {
    await credential?.token(AbortSignal.timeout(REACH_TIMEOUT_MS));
  } catch (error) {
    const kind = error instanceof DestinationFailure ? error.kind : null;
    if (kind === 'credential_revoked') return 'revoked';
    if (kind === 'credential_refused') return 'refused';
  }
  return null;
}

async function checkStore({ store }: EdgeConfig): Promise<Finding> {
  if (!store)
    return { level: 'note', what: 'local store', finding: 'none: the spool is the buffer' };
  try {
    await new S3ObjectStore({ ...store, timeoutMs: REACH_TIMEOUT_MS, attemptsMax: 1 }).check();
    return ok('local store', `${store.endpoint}, bucket ${store.bucket}`);
  } catch (error) {
    const known = error instanceof AppError ? error : new AppError('INTERNAL', String(error));
    return wrong(
      'local store',
      `${store.endpoint}: ${known.message}`,
      'Start it or correct its keys.',
    );
  }
}

function ok(what: string, finding: string): Finding {
  return { level: 'ok', what, finding };
}

function wrong(what: string, finding: string, hint: string): Finding {
  return { level: 'wrong', what, finding, hint };
}
