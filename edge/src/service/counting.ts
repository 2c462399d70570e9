import { Counter } from '../count/counter.ts';
import { MeshCounting } from '../count/mesh-counting.ts';
import type { Base } from './base.ts';
import type { Forwarding } from './forwarding.ts';

/** Counting beside the centre; null where no inference server stands beside this edge. */
export function createCounter(base: Base, forwarding: Forwarding | null): Counter | null {
  const { config, journal, spool, clock, log } = base;
  if (!config.countServer) return null;
  return new Counter({
    journal,
    counting: new MeshCounting(config.countServer),
    pathOf: (sha256) => spool.pathOf(sha256),
    centreCounts: async (photos, signal) => {
      // One that is away would be waited for, and the photos of this box with it.
      if (!forwarding || forwarding.forwarder.coreWaitMs > 0) return [];
      const states = await forwarding.core.states(photos, signal);
      return states.flatMap(({ photo_id, detected }) =>
        detected === null ? [] : [{ sha256: photo_id, count: detected }],
      );
    },
    clock,
    log,
  });
}
