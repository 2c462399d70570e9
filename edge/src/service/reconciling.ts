import type { KeyedLock } from '../buffer/keyed-lock.ts';
import type { LocalStore } from '../buffer/local-store.ts';
import { CoreClient } from '../forward/core-client.ts';
import { PhotoFailure } from '../forward/failures.ts';
import { Reconciler } from '../reconcile/reconciler.ts';
import { Repair } from '../reconcile/repair.ts';
import { noteFailedTry, takeRequest } from '../reconcile/request.ts';
import type { Base } from './base.ts';

/** Comparing with the centre; null where none is configured. `wake`: something is to be sent; `isSettled`: of Repair. */
export function createReconciler(
  base: Base,
  locks: KeyedLock,
  localStore: LocalStore | null,
  wake: () => void,
  isSettled: (sha256: string) => boolean = () => true,
): Reconciler | null {
  const { config, journal, spool, clock, log, alarms, credential, transport, random } = base;
  if (!config.core || !credential) return null;
  const core = new CoreClient(config.core.url, credential, clock, transport);
  const alarm = (kind: 'lost_at_centre' | 'bytes_changed') => (sha256: string) =>
    alarms.raise(kind, new PhotoFailure('bytes_missing', `photo ${sha256}`));
  const repair = new Repair({
    journal,
    spool,
    localStore,
    locks,
    core,
    clock,
    log,
    isSettled,
    onLost: alarm('lost_at_centre'),
    onChanged: alarm('bytes_changed'),
  });
  return new Reconciler({
    journal,
    core,
    repair,
    clock,
    random,
    log,
    requested: () => takeRequest(config.dataFolder),
    onFailed: (reason) => noteFailedTry(config.dataFolder, reason),
    onQueued: wake,
  });
}
