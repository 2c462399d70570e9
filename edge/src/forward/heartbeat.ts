import type { Fullness } from '../buffer/when-full.ts';

/**
 * Body of `POST /api/v1/edge/heartbeat` (docs/protocols.md): how this box is, in a few hundred
 * bytes. It travels on the control lane: before every photo, and beyond every budget.
 */
export interface Heartbeat {
  /** The box's wall clock when it was sent, corrected by what answers said of it; RFC 3339 UTC. */
  readonly sent_at: string;
  /** What was added to the box's own clock to make `sent_at`; 0 where nothing is known. */
  readonly clock_correction_ms: number;
  /** Changes with each start of the machine; `monotonic_ms` counts within it. */
  readonly boot_id: string;
  /** Starts are counted (buffer/boot.ts). */
  readonly boot_number: number;
  readonly monotonic_ms: number;
  readonly version: string;
  /** Photos without a receipt, and their bytes. */
  readonly backlog_photos: number;
  readonly backlog_bytes: number;
  /** When the oldest of them was accepted; null: the centre holds everything. */
  readonly oldest_unsent_at: string | null;
  /** Bytes held on this box, and how many it may hold. */
  readonly held_bytes: number;
  readonly quota_bytes: number;
  readonly fullness: Fullness;
  /** What people must look at: a code for programs, a sentence for people. */
  readonly alarms: readonly HeartbeatAlarm[];
  readonly cameras: readonly HeartbeatCamera[];
  /** Of the configuration that is in force; null: the box was only told by its environment. */
  readonly config_version: string | null;
}

export interface HeartbeatAlarm {
  readonly code: string;
  readonly sentence: string;
}

export interface HeartbeatCamera {
  readonly code: string;
  /** When its last photo was accepted; null: none yet. */
  readonly last_photo_at: string | null;
}
