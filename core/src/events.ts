import type { Logger } from '@demeter/common/logger';
import { keysOf, type RedisClient } from './redis.ts';

/** How a photo stands now; the page shows it as it comes. */
export interface PhotoEvent {
  readonly photo_id: string;
  readonly state: string;
  readonly session_id: string;
  readonly session_state: string;
  readonly detected: number | null;
  readonly counts: Readonly<Record<string, number>> | null;
  readonly location_code: string | null;
  readonly batch_code: string | null;
  readonly file_name: string | null;
  /** RFC 3339 UTC. */
  readonly at: string;
}

export type CoreEvent =
  | { readonly type: 'photo'; readonly organisationId: string; readonly data: PhotoEvent }
  | { readonly type: 'server'; readonly data: { readonly servers: number } }
  /** A new model version was started, advanced, promoted or rolled back. */
  | {
      readonly type: 'rollout';
      readonly organisationId: string;
      readonly data: { readonly id: string; readonly model: string; readonly state: string };
    }
  /** An alert of a box was raised or resolved. */
  | {
      readonly type: 'edge';
      readonly organisationId: string;
      readonly data: {
        readonly id: string;
        readonly code: string;
        readonly kind: string;
        readonly change: 'raised' | 'resolved';
      };
    }
  /** Work was queued: a replica with a free server need not wait for its next look. */
  | { readonly type: 'wake' };

/**
 * Tells subscribers of this process, and of the other replicas where there is Redis. Events may be
 * lost: whoever needs the truth reads the database.
 */
export interface EventBus {
  publish(event: CoreEvent): void;
  /** Answers the end of the subscription. */
  subscribe(listener: (event: CoreEvent) => void): () => void;
  close(): Promise<void>;
}

/** Events inside one process. */
export class LocalEventBus implements EventBus {
  readonly #listeners = new Set<(event: CoreEvent) => void>();

  constructor(private readonly log: Logger) {}

  publish(event: CoreEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.log.error({ err: error, type: event.type }, 'an event listener failed');
      }
    }
  }

  subscribe(listener: (event: CoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}

/**
 * Events between replicas by Redis pub/sub. Own events are delivered directly, so that this
 * replica's page goes on while Redis is away; both connections come back by themselves.
 */
export async function createRedisEventBus(
  redis: RedisClient,
  organisationId: string,
  log: Logger,
): Promise<EventBus> {
  const channel = `${keysOf(organisationId)}events`;
  const local = new LocalEventBus(log);
  const origin = crypto.randomUUID();
  const subscriber = redis.duplicate({ disableOfflineQueue: false });
  subscriber.on('error', () => {});
  const receive = (text: string) => {
    const message = parseMessage(text);
    if (message && message.origin !== origin) local.publish(message.event);
  };
  // Not awaited: with Redis away the subscription is made when it comes back.
  void subscriber
    .connect()
    .then(() => subscriber.subscribe(channel, receive))
    .catch((error: unknown) => log.warn({ err: error }, 'no events from other replicas'));
  return {
    publish: (event) => {
      local.publish(event);
      if (!redis.isReady) return;
      redis.publish(channel, JSON.stringify({ origin, event })).catch(() => {});
    },
    subscribe: (listener) => local.subscribe(listener),
    close: async () => {
      await local.close();
      subscriber.destroy();
    },
  };
}

function parseMessage(text: string): { origin: string; event: CoreEvent } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
