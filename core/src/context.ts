import type { Clock } from '@demeter/common/clock';
import type { Values } from '@demeter/common/config';
import type { Logger } from '@demeter/common/logger';
import type { ObjectStore } from '@demeter/common/object-store/object-store';
import type { KeyRing } from './auth/key-ring.ts';
import type { Secrets } from './auth/secrets.ts';
import type { Database } from './db/database.ts';
import type { EventBus } from './events.ts';
import type { Metrics } from './http/metrics.ts';
import type { RedisClient } from './redis.ts';

/** What every feature of the core is given; made once in service.ts, or by a test. */
export interface CoreContext {
  readonly values: Values;
  readonly log: Logger;
  readonly clock: Clock;
  readonly db: Database;
  /** True on PGlite: one session, so nothing may query beside an open transaction. */
  readonly embedded: boolean;
  /** Bucket of originals and inboxes. */
  readonly originals: ObjectStore;
  /** Bucket of overlays and thumbnails. */
  readonly derived: ObjectStore;
  readonly events: EventBus;
  /** Null where none is configured; `isReady` says whether it answers now. */
  readonly redis: RedisClient | null;
  /** Signs and checks local tokens, edge credentials and receipts. */
  readonly keys: KeyRing;
  readonly secrets: Secrets;
  readonly metrics: Metrics;
  /** The organisation that this installation serves. */
  readonly organisationId: string;
  /** Aborts when stopping begins: end streams, take on nothing new. */
  readonly stopping: AbortSignal;
  /** How browsers and edges reach the core, without a trailing slash. */
  publicUrl(): string;
}
