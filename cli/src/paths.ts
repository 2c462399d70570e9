import { join, resolve } from 'node:path';

/** The project's root: every part is started as a program from here. */
export const ROOT = resolve(import.meta.dir, '../..');

/** Programs of the parts, started by their file. */
export const ENTRY = {
  postgres: join(ROOT, 'cli/src/embedded/postgres-main.ts'),
  core: join(ROOT, 'core/src/main.ts'),
  coreAdmin: join(ROOT, 'core/src/admin.ts'),
  edge: join(ROOT, 'edge/src/main.ts'),
  edgeAdmin: join(ROOT, 'edge/src/admin.ts'),
  inference: join(ROOT, 'inference/src/supervisor-main.ts'),
  inferenceAdmin: join(ROOT, 'inference/src/admin.ts'),
  pageBuild: join(ROOT, 'web/build.ts'),
} as const;

/** What the embedded system keeps, below the folder of `--data`. */
export function dataPaths(folder: string) {
  const data = resolve(folder);
  return {
    data,
    lock: join(data, 'lock'),
    secrets: join(data, 'secrets.json'),
    /** Addresses of the system that runs on this folder, for `demeter …` beside it. */
    running: join(data, 'running.json'),
    postgres: join(data, 'postgres'),
    store: join(data, 'store'),
    edge: join(data, 'edge'),
    cameras: join(data, 'cameras.json'),
    /** The edge's watched folder. */
    inbox: join(data, 'inbox'),
    /** Versions that `demeter models upload` has sent. */
    models: join(data, 'models'),
    samples: join(data, 'samples'),
    logFile: (name: string) => join(data, 'logs', `${name}.log`),
  } as const;
}

/** Where everything lies below one data folder. */
export type DataPaths = ReturnType<typeof dataPaths>;
