import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { Intake } from '../buffer/intake.ts';
import { Janitor } from '../buffer/janitor.ts';
import type { KeyedLock } from '../buffer/keyed-lock.ts';
import { LocalStore } from '../buffer/local-store.ts';
import { Quota } from '../buffer/quota.ts';
import { Scrub } from '../buffer/scrub.ts';
import { Strays } from '../buffer/strays.ts';
import { pausesCopies } from '../buffer/when-full.ts';
import { Upkeep } from '../upkeep.ts';
import { openUploadBytes } from '../uploads/upload-rows.ts';
import type { Base } from './base.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function createLocalStore(base: Base): LocalStore | null {
  const { config, spool, journal, clock, log, alarms } = base;
  if (!config.store) return null;
  const store = new S3ObjectStore({ ...config.store, timeoutMs: 10_000, attemptsMax: 2 });
  const onSpoilt = (sha256: string, cause: unknown) =>
    alarms.raise('bytes_changed', new Error(`photo ${sha256}`, { cause }));
  return new LocalStore(store, spool, journal, clock, log, onSpoilt);
}

/** Taking photos in; `wake` is called for each sighting, when it is safe. */
export function createIntake(base: Base, locks: KeyedLock, wake: () => void): Intake {
  const { config, journal, spool, events, alarms, log, clock, ids, disk, onStep } = base;
  const quotaBytes = config.values.DEMETER_EDGE_BYTES_MAX;
  const usedBytes = () => journal.heldBytes() + openUploadBytes(journal);
  return new Intake({
    spool,
    journal,
    quota: new Quota(config.dataFolder, disk, quotaBytes, usedBytes),
    clock,
    ids,
    boot: base.boot,
    locks,
    onStep,
    onAlarm: (kind, error) => alarms.raise(kind, error),
    onOver: (shortage) => alarms.clear(shortage),
    onAccepted: (accepted, camera) => {
      const { sha256, isNew } = accepted;
      events.accepted.inc({ camera: camera.code, new: String(isNew) });
      log.info({ sha256, camera: camera.code, new: isNew }, 'accepted');
      wake();
    },
  });
}

/** Copying to the local store and making room; `keptNow` as the janitor takes it. */
export function createUpkeep(
  base: Base,
  locks: KeyedLock,
  localStore: LocalStore | null,
  keptNow: () => number | null,
): Upkeep {
  const { config, journal, spool, events, log, clock } = base;
  const quotaBytes = config.values.DEMETER_EDGE_BYTES_MAX;
  const janitor = new Janitor({
    spool,
    journal,
    localStore,
    locks,
    clock,
    log,
    quotaBytes,
    keepMs: config.values.DEMETER_EDGE_KEEP_HOURS * HOUR_MS,
    knownMs: config.values.DEMETER_EDGE_KNOWN_DAYS * DAY_MS,
    centreMustKnow: config.core !== null,
    keptNow,
    onEvicted: () => events.evicted.inc(),
  });
  const mayCopy = () => !pausesCopies(journal.heldBytes(), quotaBytes);
  const strays = new Strays({
    ...{ journal, spool, localStore, locks, clock, ids: base.ids, log, mayCopy },
    doubtful: base.recovered.doubtful,
  });
  return new Upkeep({ janitor, strays, localStore, mayCopy, journal, clock, log });
}

/** Reading the spool again, so that changed bytes are found while a copy may mend them. */
export function createScrub(base: Base, locks: KeyedLock, localStore: LocalStore | null): Scrub {
  const { journal, spool, clock, log, events, alarms } = base;
  return new Scrub({
    ...{ journal, spool, localStore, locks, clock, log },
    onChecked: () => events.scrubbed.inc(),
    onChanged: (sha256) => {
      events.scrubErrors.inc();
      alarms.raise('bytes_changed', new Error(`photo ${sha256}`));
    },
  });
}
