import { Counter } from '../count/counter.ts';
import { MeshCounting } from '../count/mesh-counting.ts';
import { CoreClient } from '../forward/core-client.ts';
import type { Base } from './base.ts';

/** Counting beside the centre; null where no inference server stands beside this edge. */
export function createCounter(base: Base): Counter | null {
  const { config, journal, spool, clock, log, credential, transport } = base;
  if (!config.countServer) return null;
  const core =
    config.core && credential
      ? new CoreClient(config.core.url, credential, clock, transport)
      : null;
  return new Counter({
    journal,
    counting: new MeshCounting(config.countServer),
    pathOf: (sha256) => spool.pathOf(sha256),
    centreCounts: async (photos, signal) => {
      const states = (await core?.states(photos, signal)) ?? [];
      return states.flatMap(({ photo_id, detected }) =>
        detected === null ? [] : [{ sha256: photo_id, count: detected }],
      );
    },
    clock,
    log,
  });
}
