import type { AppError } from '@demeter/common/errors';
import type { ModelSpec } from '../model/model-spec.ts';
import type { Loaded } from '../model/session-protocol.ts';
import type { Resident } from './resident.ts';
import type { State } from './versions.ts';

/** One version in the repository. */
export interface Entry {
  readonly key: string;
  readonly name: string;
  readonly version: string;
  /** As the folder has it now; undefined where it cannot be read. */
  spec: ModelSpec | undefined;
  state: State;
  /** Why it is unavailable, or could not be loaded or replaced the last time. */
  reason: string;
  error: AppError | undefined;
  /** Takes new work. */
  resident: Resident | undefined;
  loading: Promise<void> | undefined;
  unloading: Promise<void> | undefined;
  /** Requests that use it or wait for it. */
  users: number;
  /** Somebody has asked for this very version since it was loaded. */
  namedByClients: boolean;
  pinned: boolean;
  lastUsedMs: number;
  /** Of residents that are gone. */
  readonly executed: { images: number; runs: number };
}

/** A version as others see it. */
export interface ModelView {
  readonly name: string;
  readonly version: string;
  readonly spec: ModelSpec | undefined;
  readonly state: State;
  /** Why it is unavailable, or was not loaded, replaced or put on a GPU; empty otherwise. */
  readonly reason: string;
  /** While it is in memory; `bytes` as measured around load and first run. */
  readonly loaded: (Loaded & { readonly bytes: number }) | undefined;
  /** It takes of the memory that admission watches. */
  readonly counted: boolean;
  readonly pinned: boolean;
  /** Answers where no version is named. */
  readonly isDefault: boolean;
  /** UTC; 0: not loaded, never used. */
  readonly loadedAtMs: number;
  readonly lastUsedAtMs: number;
  /** Images run, and runs, since the server started. */
  readonly images: number;
  readonly executions: number;
}

export function createEntry(
  model: { readonly name: string; readonly version: string },
  key: string,
  pinned: boolean,
): Entry {
  return {
    key,
    name: model.name,
    version: model.version,
    spec: undefined,
    state: 'unloaded',
    reason: '',
    error: undefined,
    resident: undefined,
    loading: undefined,
    unloading: undefined,
    users: 0,
    namedByClients: false,
    pinned,
    lastUsedMs: 0,
    executed: { images: 0, runs: 0 },
  };
}

export function toView(entry: Entry, isDefault: boolean): ModelView {
  const { resident, executed } = entry;
  return {
    name: entry.name,
    version: entry.version,
    spec: entry.spec,
    state: entry.state,
    reason: entry.reason,
    loaded: resident && { ...resident.loaded, bytes: Math.round(resident.bytes) },
    counted: resident?.counted ?? false,
    pinned: entry.pinned,
    isDefault,
    loadedAtMs: resident?.loadedAtMs ?? 0,
    lastUsedAtMs: entry.lastUsedMs,
    images: executed.images + (resident?.sessions.executed.images ?? 0),
    executions: executed.runs + (resident?.sessions.executed.runs ?? 0),
  };
}
