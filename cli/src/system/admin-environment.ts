import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { acquireFileLock } from '@demeter/common/file-lock';
import { startPostgres } from '../embedded/start-postgres.ts';
import { type DataPaths, dataPaths } from '../paths.ts';
import type { Variables } from './environment.ts';
import { readSecrets } from './secrets.ts';

/** What a running system leaves in its data folder for commands beside it. */
interface Running {
  readonly databaseUrl: string;
  readonly core: string;
  /** host:port */
  readonly core_grpc: string;
}

/**
 * Runs `use` with the settings of the system it is about: the servers that the environment names;
 * else the system that runs on the data folder; else its database alone, started for this.
 */
export async function withAdminEnvironment<T>(
  dataFolder: string,
  use: (env: Variables) => Promise<T>,
): Promise<T> {
  if (process.env.DATABASE_URL) return await use(process.env);
  const paths = dataPaths(dataFolder);
  mkdirSync(paths.data, { recursive: true });
  const running = readRunning(paths);
  if (running) {
    return await use({
      ...embeddedSettings(paths, running.databaseUrl),
      DEMETER_CORE_PUBLIC_URL: running.core,
    });
  }
  const locked = acquireFileLock(paths.lock);
  if (!locked.lock)
    throw new Error(
      `a program that is still starting, or stopping, works on ${paths.data}: try again in a moment`,
    );
  const postgres = await startPostgres(paths.postgres, {
    env: process.env,
    logFile: paths.logFile('database'),
  });
  try {
    return await use(embeddedSettings(paths, postgres.url));
  } finally {
    await postgres.child.stop();
    locked.lock.release();
  }
}

function embeddedSettings(paths: DataPaths, databaseUrl: string): Variables {
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    DEMETER_STORE_DIR: paths.store,
    JWT_SECRET_KEY: readSecrets(paths).jwtSecretKey,
  };
}

/** Undefined where no system runs there: the file of one that was killed says nothing. */
export function readRunning(paths: DataPaths): Running | undefined {
  if (!existsSync(paths.running)) return undefined;
  const probe = acquireFileLock(paths.lock);
  if (probe.lock) {
    probe.lock.release();
    return undefined;
  }
  return JSON.parse(readFileSync(paths.running, 'utf8')) as Running;
}
