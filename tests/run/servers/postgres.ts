import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sparePort } from '@demeter/common/spare-port';
import { accepts, boundToParent, endProcess, mustRun, waitUntil } from '../commands.ts';
import type { TestServer } from './server.ts';

const DEBIAN = '/usr/lib/postgresql';
/** The oldest version that the migrations are tested on. */
const OLDEST = 15;

/** A cluster of its own, as the user `postgres` when run as root, without fsync: it lives minutes. */
export const postgres: TestServer = {
  name: 'PostgreSQL with PostGIS',
  variables: ['DEMETER_TEST_DATABASE_URL'],
  packages: ['postgresql-15', 'postgresql-15-postgis-3'],
  isInstalled: () => findBinaries() !== undefined,

  async start(folder) {
    const bin = findBinaries();
    if (bin === undefined) {
      throw new Error('apt-get install postgresql-15 postgresql-15-postgis-3 (as root)');
    }
    const data = join(folder, 'data');
    mkdirSync(folder, { recursive: true });
    const asUser = await userPrefix(folder);
    await mustRun([
      ...asUser,
      ...[join(bin, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres'],
      ...['--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'],
    ]);
    const port = sparePort();
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      max_connections: '200',
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      timezone: 'UTC',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = boundToParent(
      [join(bin, 'postgres'), '-D', data, '-p', String(port), ...options],
      'INT',
    );
    const child = Bun.spawn([...asUser, ...server], {
      stdin: 'ignore',
      stdout: Bun.file(join(folder, 'postgres.log')),
      stderr: Bun.file(join(folder, 'postgres.log')),
    });
    await waitUntil('PostgreSQL', child, () => accepts(port));
    return {
      variables: {
        DEMETER_TEST_DATABASE_URL: `postgresql://postgres@127.0.0.1:${port}/postgres`,
      },
      // SIGINT: fast shutdown, which does not wait for clients.
      stop: () => endProcess(child, 'SIGINT'),
    };
  },
};

/** Folder of the newest binaries that have PostGIS beside them. */
function findBinaries(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN)
    .map(Number)
    .filter((version) => version >= OLDEST)
    .sort((a, b) => b - a);
  const version = versions.find((candidate) =>
    existsSync(`/usr/share/postgresql/${candidate}/extension/postgis.control`),
  );
  return version === undefined ? undefined : join(DEBIAN, String(version), 'bin');
}

/** PostgreSQL refuses to run as root; Debian's package has made a user for it. */
async function userPrefix(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  await mustRun(['chown', 'postgres', folder]);
  chmodSync(join(folder, '..'), 0o711);
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'];
}
