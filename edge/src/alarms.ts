import type { Logger } from '@demeter/common/logger';
import type { Events } from './events.ts';

export type AlarmKind =
  | 'disk_failed'
  | 'no_room'
  | 'no_descriptors'
  | 'journal_rebuilt'
  | 'bytes_changed'
  | 'photos_lost'
  | 'notes_spoilt'
  | 'lost_at_centre'
  | 'credential_spoilt'
  | 'centre_keys_strange'
  | 'configuration_refused'
  | 'configuration_rolled_back';

/** Faults that people must look at; they stay in the health report until the next start, unless they end by themselves. */
export class Alarms {
  readonly #raised = new Set<AlarmKind>();

  constructor(
    private readonly log: Logger,
    private readonly events: Events,
  ) {}

  get raised(): readonly AlarmKind[] {
    return [...this.#raised];
  }

  /** What was wrong is over, and nobody has to look. */
  clear(kind: AlarmKind): void {
    if (this.#raised.delete(kind)) this.log.info({ alarm: kind }, 'an alarm is over');
  }

  raise(kind: AlarmKind, error: unknown): void {
    this.#raised.add(kind);
    this.events.alarms.inc({ kind });
    this.log.error({ err: error, alarm: kind }, 'alarm: people must look at this box');
  }
}
