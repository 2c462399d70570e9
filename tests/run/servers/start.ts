import { join } from 'node:path';
import { mustRun } from '../commands.ts';
import { chromium, faketime, strace } from './debian-tool.ts';
import { grpcurl } from './grpcurl.ts';
import { minio } from './minio.ts';
import { postgres } from './postgres.ts';
import { python } from './python.ts';
import { redis } from './redis.ts';
import type { RunningServer, TestServer } from './server.ts';
import { toxiproxy } from './toxiproxy.ts';
import { versitygw } from './versitygw.ts';

export interface TestServers {
  readonly variables: Readonly<Record<string, string>>;
  /** One sentence for each server that could not be had. */
  readonly missing: readonly string[];
  stop(): Promise<void>;
}

const ALL: readonly TestServer[] = [
  ...[postgres, redis, minio, versitygw],
  ...[chromium, python, grpcurl, toxiproxy],
  ...[strace, faketime],
];

/** A mirror that falters, or another installation that still runs, is no reason to give up. */
const APT = ['apt-get', '-qq', '-o', 'Acquire::Retries=5', '-o', 'DPkg::Lock::Timeout=300'];

/** Installs what is missing and may be installed, and starts all that the environment does not name. */
export async function startServers(folder: string): Promise<TestServers> {
  const wanted = ALL.filter((server) => !server.variables.every((name) => process.env[name]));
  const missing: string[] = [];
  await installPackages(wanted).catch((error: Error) => missing.push(error.message));
  const running: RunningServer[] = [];
  await Promise.all(
    wanted.map(async (server) => {
      try {
        running.push(await server.start(join(folder, server.name.split(' ')[0]!.toLowerCase())));
      } catch (error) {
        missing.push(`${server.name}: ${error instanceof Error ? error.message : error}`);
      }
    }),
  );
  return {
    variables: Object.assign({}, ...running.map((server) => server.variables)),
    missing,
    stop: async () => {
      await Promise.all(running.map((server) => server.stop()));
    },
  };
}

async function installPackages(servers: readonly TestServer[]): Promise<void> {
  const packages = servers.filter((server) => !server.isInstalled()).flatMap((s) => s.packages);
  if (packages.length === 0) return;
  if (process.getuid?.() !== 0 || Bun.which('apt-get') === null) return;
  console.error(`installing ${packages.join(', ')} …`);
  // RUNLEVEL=1 keeps the packages from starting servers of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await mustRun([...APT, 'update'], { env });
  await mustRun([...APT, 'install', '-y', '--no-install-recommends', ...packages], { env });
}
