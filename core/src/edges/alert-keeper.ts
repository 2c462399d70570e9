import { Counter, Gauge } from 'prom-client';
import type { CoreContext } from '../context.ts';
import { errorOf } from '../http/error-response.ts';
import { countOpenAlerts, updateAlerts } from './alerts.ts';

/** Limits are of minutes and hours. */
const LOOK_MS = 15_000;

/** Tells people, by event, log and metrics, which boxes need them. Every core runs one. */
export class AlertKeeper {
  readonly #context: Pick<CoreContext, 'db' | 'clock' | 'events' | 'log' | 'organisationId'>;
  readonly #open: Gauge<'kind'>;
  readonly #changes: Counter<'kind' | 'change'>;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking: Promise<void> | undefined;

  constructor(context: CoreContext) {
    this.#context = context;
    const registers = [context.metrics.registry];
    this.#open = new Gauge({
      name: 'demeter_edge_alerts_open',
      help: 'Boxes of which this is wrong now.',
      labelNames: ['kind'],
      registers,
    });
    this.#changes = new Counter({
      name: 'demeter_edge_alerts_total',
      help: "Alerts of boxes that were raised and resolved by this core's look.",
      labelNames: ['kind', 'change'],
      registers,
    });
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#looking ??= this.look()
        .catch((error: unknown) => {
          this.#context.log.debug({ err: errorOf(error) }, 'boxes are not looked at now');
        })
        .finally(() => {
          this.#looking = undefined;
        });
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async look(): Promise<void> {
    const { db, clock, events, log, organisationId } = this.#context;
    for (const { edgeId, code, kind, change } of await updateAlerts(
      db,
      organisationId,
      new Date(clock.now()),
    )) {
      this.#changes.inc({ kind, change });
      log.warn({ edge_id: edgeId, edge: code, alert: kind }, `a box's alert was ${change}`);
      events.publish({ type: 'edge', organisationId, data: { id: edgeId, code, kind, change } });
    }
    for (const [kind, open] of await countOpenAlerts(db, organisationId)) {
      this.#open.set({ kind }, open);
    }
  }
}
