import type { HeldModels } from '../configuration/held-models.ts';
import { Counter } from '../count/counter.ts';
import { MeshCounting } from '../count/mesh-counting.ts';
import type { Base } from './base.ts';
import type { Forwarding } from './forwarding.ts';

/** Asking the inference server beside this edge; null where none stands there. */
export function createCounting({ config }: Base, preferred: () => HeldModels): MeshCounting | null {
  return config.countServer && new MeshCounting({ ...config.countServer, preferred });
}

/** Counting beside the centre; null where nothing counts here. */
export function createCounter(
  base: Base,
  forwarding: Forwarding | null,
  counting: MeshCounting | null,
): Counter | null {
  const { journal, spool, clock, log } = base;
  if (!counting) return null;
  return new Counter({
    journal,
    counting,
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
