import type { Logger } from '@demeter/common/logger';
import type { InferenceConfig } from '../config.ts';
import { Calibration } from '../model/calibrate.ts';
import type { MemorySource } from '../model/memory.ts';
import { type KnownEntries, readRepository } from '../model/repository.ts';
import type { Provider } from '../model/session-protocol.ts';
import { type OnRan, Sessions } from '../model/sessions.ts';
import { Catalog } from './catalog.ts';
import { Loader } from './loader.ts';
import { Shelf } from './shelf.ts';

export interface CreateShelfOptions {
  readonly config: Pick<InferenceConfig, 'values' | 'modelFolders' | 'threads'>;
  readonly providers: readonly Provider[];
  readonly memory: MemorySource;
  /** Another program for the sessions' Workers, in tests that make faults. */
  readonly sessionWorker?: URL | undefined;
  readonly onRan: OnRan;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** A shelf as the settings ask. */
export function createShelf(options: CreateShelfOptions): Shelf {
  const { config, providers, memory, sessionWorker, onRan, log, onChange } = options;
  const { values, modelFolders, threads } = config;
  const known: KnownEntries = new Map();
  const calibration = new Calibration({
    budgetMs: values.DEMETER_INFERENCE_CALIBRATION_MS,
    folder: values.DEMETER_GPU_LOCK_DIR,
    quiet: () => shelf.busySinceMs === undefined,
  });
  const shelf: Shelf = new Shelf({
    catalog: new Catalog({
      defaults: values.DEMETER_INFERENCE_DEFAULT_VERSIONS,
      pinned: values.DEMETER_INFERENCE_PINNED,
    }),
    loader: new Loader({
      providers,
      threads,
      loadsMax: values.DEMETER_INFERENCE_LOADS,
      memory,
      createSessions: () =>
        new Sessions({ worker: sessionWorker, onRan, onFault: onChange, calibration }),
      log,
    }),
    readModels: () => readRepository(modelFolders, values.APP_ENV, known),
    eager: values.DEMETER_INFERENCE_LOADING === 'eager',
    idleMs: values.DEMETER_INFERENCE_IDLE_SECONDS * 1000,
    log,
    onChange,
  });
  return shelf;
}
