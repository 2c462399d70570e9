import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import type { Endpoint, Outcome, PhotoMessage } from './endpoint.ts';
import { Latencies } from './latencies.ts';
import type { Mesh } from './mesh.ts';
import type { MeshMetrics } from './metrics.ts';
import { type Placement, type PlacementNeed, placePhoto } from './placement.ts';

/** Full servers that a photo is carried past before it waits. */
const MOVES_MAX = 8;
/** Sites whose last server is remembered. */
const SITES_MAX = 1_000;

/** One photo to be sent, wherever it comes from: the queue, or a client's own stream. */
export interface Shipment {
  readonly photo: PhotoMessage;
  readonly need: PlacementNeed;
  /** Hex; photos of one pipeline take alike. */
  readonly pipelineDigest: string;
  readonly site: string;
  readonly deadlineMs: number;
  /** Where it is late a copy may be sent to a second server. */
  readonly hedge: boolean;
}

export interface SenderOptions {
  readonly mesh: Mesh;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MeshMetrics;
}

/**
 * Chooses servers and sends photos there. A server that is full is passed by for the next one. A
 * photo that is late is sent to a second server too, if one is free: the first result counts, the
 * other copy is withdrawn by message. Nothing is written here: whoever writes is fenced by the
 * run's lease, so that there is one result.
 */
export class Sender {
  readonly #latencies = new Latencies();
  readonly #lastServer = new Map<string, string>();

  constructor(private readonly options: SenderOptions) {}

  /** Where a photo would go now. */
  place(need: PlacementNeed, site: string): Placement {
    const preferred = this.#lastServer.get(site);
    const views = this.options.mesh.connected().map((endpoint) => endpoint.view());
    return placePhoto({ ...need, preferred }, views);
  }

  /** Sends to `first`, chosen in the same tick, and resolves with the outcome; never rejects. */
  async send(first: Endpoint, shipment: Shipment): Promise<Outcome> {
    const started = this.options.clock.monotonic();
    const left = () => started + shipment.deadlineMs - this.options.clock.monotonic();
    let outcome = await this.#sendOnce(first, shipment, shipment.deadlineMs);
    for (let moves = 0; isFull(outcome) && moves < MOVES_MAX && left() > 0; moves++) {
      const next = this.#free(shipment.need, shipment.site);
      if (!next) break;
      outcome = await this.#sendOnce(next, shipment, left());
    }
    return outcome;
  }

  async #sendOnce(endpoint: Endpoint, shipment: Shipment, deadlineMs: number): Promise<Outcome> {
    const { clock } = this.options;
    const started = clock.monotonic();
    this.#remember(shipment.site, endpoint.serverId);
    const lateMs = shipment.hedge
      ? this.#latencies.lateAfterMs(shipment.pipelineDigest)
      : undefined;
    const answer = endpoint.send(shipment.photo, deadlineMs);
    const outcome =
      lateMs === undefined || lateMs >= deadlineMs
        ? await answer
        : await this.#hedged(endpoint, answer, shipment, { lateMs, deadlineMs });
    if (outcome.kind === 'result') {
      this.#latencies.add(shipment.pipelineDigest, clock.monotonic() - started);
    }
    return outcome;
  }

  async #hedged(
    first: Endpoint,
    answer: Promise<Outcome>,
    { photo, need, site }: Shipment,
    { lateMs, deadlineMs }: { readonly lateMs: number; readonly deadlineMs: number },
  ): Promise<Outcome> {
    if (await this.#inTime(answer, lateMs)) return await answer;
    const failedOn = [...need.failedOn, first.view().serverId];
    const second = this.#free({ ...need, failedOn }, site);
    // There may be no other server, or none that is free: then the photo waits where it is.
    if (!second || second === first) return await answer;
    const { log, metrics } = this.options;
    const servers = { first: first.serverId, second: second.serverId };
    log.info({ work_id: photo.work_id, late_ms: Math.round(lateMs), ...servers }, 'photo is late');
    const copy = second.send(photo, deadlineMs - lateMs);
    const { outcome, won } = await firstResult(answer, copy);
    if (won === 'first') second.cancel(photo.work_id);
    else first.cancel(photo.work_id, true);
    metrics.hedges.inc({ won });
    return outcome;
  }

  async #inTime(answer: Promise<Outcome>, lateMs: number): Promise<boolean> {
    const stop = new AbortController();
    const late = this.options.clock.sleep(lateMs, stop.signal).then(
      () => false,
      () => true,
    );
    const inTime = await Promise.race([answer.then(() => true), late]);
    stop.abort();
    return inTime;
  }

  #free(need: PlacementNeed, site: string): Endpoint | undefined {
    const placement = this.place(need, site);
    if (placement.kind !== 'server') return undefined;
    return this.options.mesh.connected().find((one) => one.serverId === placement.serverId);
  }

  #remember(site: string, serverId: string | undefined): void {
    if (serverId === undefined) return;
    this.#lastServer.delete(site);
    this.#lastServer.set(site, serverId);
    const [oldest] = this.#lastServer.keys();
    if (this.#lastServer.size > SITES_MAX) this.#lastServer.delete(oldest!);
  }
}

function isFull(outcome: Outcome): boolean {
  return outcome.kind === 'failure' && outcome.code === 'TOO_MANY_REQUESTS';
}

/** The first result of the two; where neither has one, what became of the first copy. */
async function firstResult(
  first: Promise<Outcome>,
  second: Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly won: 'first' | 'second' }> {
  const one = first.then((outcome) => ({ outcome, won: 'first' as const }));
  const other = second.then((outcome) => ({ outcome, won: 'second' as const }));
  const early = await Promise.race([one, other]);
  if (early.outcome.kind === 'result') return early;
  const late = await (early.won === 'first' ? other : one);
  return late.outcome.kind === 'result' ? late : await one;
}
