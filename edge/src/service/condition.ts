import type { LocalStore } from '../buffer/local-store.ts';
import { fullness } from '../buffer/when-full.ts';
import type { Counter } from '../count/counter.ts';
import type { Condition, SourceReport } from '../http/health.ts';
import type { Judge } from '../judge/judge.ts';
import type { ShotReport, SnapshotCamera } from '../snapshots/snapshot-camera.ts';
import type { Upkeep } from '../upkeep.ts';
import type { WatchedFolder } from '../watch/watched-folder.ts';
import type { Base } from './base.ts';
import type { Forwarding } from './forwarding.ts';

interface Told {
  readonly localStore: LocalStore | null;
  readonly forwarding: Forwarding | null;
  readonly upkeep: Upkeep;
  readonly judge: Judge;
  readonly counter: Counter | null;
  readonly watchers: readonly WatchedFolder[];
  readonly snapshots: readonly SnapshotCamera[];
  readonly stopping: AbortSignal;
}

/** How the edge is, as its parts tell it to the health report. */
export function conditionOf({ journal, config, alarms }: Base, told: Told): Condition {
  const { localStore, forwarding, upkeep, judge, counter, watchers, snapshots, stopping } = told;
  const forwarder = forwarding?.forwarder;
  const quotaBytes = config.values.DEMETER_EDGE_BYTES_MAX;
  return {
    journal,
    quotaBytes,
    fullness: () => fullness(journal.heldBytes(), quotaBytes),
    core: () => (forwarder ? (forwarder.troubleWith('core') ?? 'connected') : 'not configured'),
    forwarding: () => ({
      waiting: forwarder?.closed ?? null,
      troubles: forwarder?.troubles ?? [],
      clock: forwarding?.time.trouble ?? null,
    }),
    objectStore: () => (localStore ? (upkeep.storeTrouble ?? 'connected') : 'spool'),
    judge: () => (judge.available ? 'running' : 'failed'),
    counts: () => (counter ? (counter.trouble ?? 'counting') : 'not configured'),
    sources: () => [
      ...watchers.map(({ folder, trouble, refused }) => ({
        name: folder,
        trouble,
        refused_files: refused.here,
        refused_removed: refused.removed,
      })),
      ...snapshots.map((camera) => toSourceReport(camera.report)),
    ],
    alarms: () => alarms.raised,
    accepting: () => !stopping.aborted,
  };
}

function toSourceReport({ camera, trouble, missed, lastTakenAt }: ShotReport): SourceReport {
  const last_shot_at = lastTakenAt === null ? null : new Date(lastTakenAt).toISOString();
  return { name: camera, trouble, missed_shots: missed, last_shot_at };
}
