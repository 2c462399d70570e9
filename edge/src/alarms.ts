import type { Logger } from '@demeter/common/logger';
import type { Events } from './events.ts';

export type AlarmKind =
  | 'disk_failed'
  | 'journal_rebuilt'
  | 'bytes_changed'
  | 'photos_lost'
  | 'lost_at_centre'
  | 'configuration_refused'
  | 'configuration_rolled_back';

/** Faults that people must look at; they stay in the health report until the next start. */
export class Alarms {
  readonly #raised = new Set<AlarmKind>();

  constructor(
    private readonly log: Logger,
    private readonly events: Events,
  ) {}

  get raised(): readonly AlarmKind[] {
    return [...this.#raised];
  }

  raise(kind: AlarmKind, error: unknown): void {
    this.#raised.add(kind);
    this.events.alarms.inc({ kind });
    this.log.error({ err: error, alarm: kind }, 'alarm: people must look at this box');
  }
}
