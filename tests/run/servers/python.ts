import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCached } from '../cache.ts';
import { mustRun } from '../commands.ts';
import type { TestServer } from './server.ts';

const REQUIREMENTS = join(import.meta.dir, '../../python/requirements.txt');
/** The pinned packages have wheels from 3.11 on; Debian's own comes after what a person prefers. */
const NAMES = ['python3', '/usr/bin/python3', 'python3.13', 'python3.12', 'python3.11'];
const FITS = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';

/** No server: Python with the packages of other people's clients, in a folder of its own. */
export const python: TestServer = {
  name: 'Python',
  variables: ['DEMETER_TEST_PYTHON'],
  packages: ['python3-venv'],
  isInstalled: () => find() !== undefined,

  async start() {
    const base = find();
    if (base === undefined) {
      throw new Error('install Python 3.11 or later with venv: apt-get install python3-venv');
    }
    const folder = await buildCached(`python-${fingerprint(base)}`, async (aside) => {
      console.error('installing Python packages, once on this machine (about 1 minute) …');
      await mustRun([base, '-m', 'venv', aside], { env: pythonEnvironment() });
      const packages = ['--only-binary', ':all:', '--requirement', REQUIREMENTS];
      await mustRun(
        [
          ...[join(aside, 'bin/python'), '-m', 'pip', 'install', '--quiet', '--no-input'],
          ...['--disable-pip-version-check', '--retries', '5', ...packages],
        ],
        { env: pythonEnvironment() },
      );
    });
    return { variables: { DEMETER_TEST_PYTHON: join(folder, 'bin/python') }, stop: async () => {} };
  },
};

function find(): string | undefined {
  return NAMES.map((name) => Bun.which(name)).find(
    (path): path is string =>
      path !== null &&
      Bun.spawnSync([path, '-c', FITS], { env: pythonEnvironment(), stderr: 'ignore' }).success,
  );
}

/** Changes with the packages and with the interpreter that they are installed for. */
function fingerprint(base: string): string {
  const asked = 'import sys; print(sys.version, sys.base_prefix)';
  const version = Bun.spawnSync([base, '-c', asked], { env: pythonEnvironment() }).stdout;
  const hasher = new Bun.CryptoHasher('sha256').update(version).update(readFileSync(REQUIREMENTS));
  return hasher.digest('hex').slice(0, 16);
}

/** Of the caller's, without what would lead Python to other people's packages. */
function pythonEnvironment(): Record<string, string | undefined> {
  const { PYTHONHOME, PYTHONPATH, VIRTUAL_ENV, ...env } = process.env;
  return env;
}
