import type { Logger } from '@demeter/common/logger';
import type { EventBus } from './events.ts';
import type { Mesh } from './mesh/mesh.ts';
import { modelsIn } from './mesh/reported-models.ts';
import type { ActivePipelineStore } from './pipelines/active-pipeline.ts';
import { countActive } from './system/health.ts';

/** A model that is gone is given up only after a while, in which servers may say nothing new. */
const ADOPT_AGAIN_MS = 5_000;

export interface AdopterOptions {
  readonly events: Pick<EventBus, 'publish'>;
  readonly log: Pick<Logger, 'warn'>;
  readonly mesh: Pick<Mesh, 'connected' | 'workers'>;
  readonly pipelines: Pick<ActivePipelineStore, 'adopt'>;
  /** Photos may be counted now that could not before. */
  wake(): void;
}

/** What servers have loaded decides the pipeline; tells the page how many servers there are. */
export function createAdopter({ events, log, mesh, pipelines, wake }: AdopterOptions): {
  readonly look: () => void;
  readonly stop: () => void;
} {
  let again: ReturnType<typeof setTimeout> | undefined;
  let servers = -1;
  let adopted = '';
  let adopting = false;
  const adopt = async () => {
    adopting = true;
    clearTimeout(again);
    try {
      for (;;) {
        const reports = mesh.connected().map(({ report }) => report);
        const loaded = reports.map((report) => modelsIn(report));
        const there = reports.flatMap((report) => modelsIn(report, null));
        const text = JSON.stringify([loaded, there]);
        // Servers say more than once what they hold; and more may have come meanwhile.
        if (text === adopted) return;
        // Until this is adopted the earlier one is news as well: a model that comes back is missed
        // no longer.
        adopted = '';
        if (!(await pipelines.adopt(loaded, there))) {
          again = setTimeout(adopt, ADOPT_AGAIN_MS).unref();
          return;
        }
        adopted = text;
        wake();
      }
    } catch (error) {
      log.warn({ err: error }, 'the pipeline was not adopted');
    } finally {
      adopting = false;
    }
  };
  const look = () => {
    const active = countActive(mesh.workers());
    if (active !== servers) {
      servers = active;
      events.publish({ type: 'server', data: { servers } });
    }
    if (!adopting) void adopt();
  };
  return { look, stop: () => clearTimeout(again) };
}
