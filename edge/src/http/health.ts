import { Elysia } from 'elysia';
import packageJson from '../../package.json' with { type: 'json' };
import type { AlarmKind } from '../alarms.ts';
import type { Journal } from '../buffer/journal.ts';
import type { Fullness } from '../buffer/when-full.ts';
import { oldestUnverifiedAgeSeconds, unsentCount } from '../events.ts';

/** How the edge is, as its parts tell it. */
export interface Condition {
  readonly journal: Journal;
  readonly quotaBytes: number;
  readonly fullness: () => Fullness;
  /** "connected", "not configured", or what is wrong. */
  readonly core: () => string;
  readonly forwarding: () => ForwardingReport;
  readonly objectStore: () => string;
  readonly judge: () => 'running' | 'failed';
  /** "counting", "not configured", or why there are no provisional counts now. */
  readonly counts: () => string;
  /** Cameras that are asked for photos, and what keeps them or watched folders from it. */
  readonly sources: () => readonly SourceReport[];
  /** Faults since the start that people must look at. */
  readonly alarms: () => readonly AlarmKind[];
  /** False before recovery is done and once the edge is stopping. */
  readonly accepting: () => boolean;
}

/** How a camera that is asked, or a folder that is watched, does. */
export interface SourceReport {
  /** The camera's code, or the folder. */
  readonly name: string;
  /** Why nothing comes from it now; null: nothing is wrong. */
  readonly trouble: string | null;
  /** Shots that its timetable asked for in vain since the start. */
  readonly missed_shots?: number;
  readonly last_shot_at?: string | null;
  /** In a watched folder's `.refused/`, and of those removed since the start. */
  readonly refused_files?: number;
  readonly refused_removed?: number;
}

/** How sending goes, in codes and in words. */
export interface ForwardingReport {
  /** Why no photo is sent although the link would carry it; null: nothing holds them back. */
  readonly waiting: 'outside_hours' | 'budget_spent' | null;
  readonly troubles: readonly {
    readonly destination: 'core' | 'store';
    readonly code: string;
    readonly sentence: string;
  }[];
  /** What is wrong with the box's clock, or null. */
  readonly clock: string | null;
}

/** Alarms after which nothing more can be promised. */
const FATAL = new Set<AlarmKind>(['disk_failed']);

/** A request, and who knows where it comes from. */
export interface Asked {
  readonly request: Request;
  readonly server: {
    requestIP(request: Request): { readonly address: string } | null;
  } | null;
}

/** `mayReadAll`: others learn whether the box works, and nothing of cameras, folders and troubles. */
export function healthRoutes(condition: Condition, mayReadAll: (asked: Asked) => boolean) {
  return new Elysia()
    .get('/health', (asked) => {
      const report = toReport(condition);
      if (report.status === 'unhealthy') asked.set.status = 503;
      const { status, service, version, accepting } = report;
      return mayReadAll(asked) ? report : { status, service, version, accepting };
    })
    .get('/health/live', () => ({ status: 'alive' }))
    .get('/health/ready', ({ set }) => {
      const full = condition.fullness() === 'refuse';
      const ready = condition.accepting() && !full;
      if (!ready) set.status = 503;
      return { status: ready ? 'ready' : full ? 'full' : 'not accepting' };
    });
}

function toReport(condition: Condition) {
  const alarms = condition.alarms();
  const fullness = condition.fullness();
  const forwarding = condition.forwarding();
  const sources = condition.sources();
  const trouble = ['connected', 'not configured', 'spool'];
  const degraded =
    alarms.length > 0 ||
    fullness === 'warn' ||
    fullness === 'evict' ||
    condition.judge() === 'failed' ||
    forwarding.troubles.length > 0 ||
    forwarding.clock !== null ||
    sources.some((source) => source.trouble !== null) ||
    !trouble.includes(condition.core()) ||
    !trouble.includes(condition.objectStore());
  const unhealthy = fullness === 'refuse' || alarms.some((alarm) => FATAL.has(alarm));
  return {
    status: unhealthy ? 'unhealthy' : degraded ? 'degraded' : 'healthy',
    service: 'Demeter edge',
    version: packageJson.version,
    accepting: condition.accepting(),
    core: condition.core(),
    forwarding,
    object_store: condition.objectStore(),
    judge: condition.judge(),
    counts: condition.counts(),
    sources,
    disk: {
      fullness,
      held_bytes: condition.journal.heldBytes(),
      quota_bytes: condition.quotaBytes,
    },
    unsent: unsentCount(condition.journal),
    oldest_unverified_age_seconds: oldestUnverifiedAgeSeconds(condition.journal),
    alarms,
  };
}
