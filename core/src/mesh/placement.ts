/** One model file that a pipeline names. */
export interface ModelRef {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
}

/** What the core knows of one inference server when it chooses. */
export interface ServerView {
  readonly serverId: string;
  /** The stream is open, the server says it is ready, and it does not drain. */
  readonly ready: boolean;
  /** Models that are loaded and warm. */
  readonly models: readonly ModelRef[];
  /** Models that are being loaded. */
  readonly loading: readonly ModelRef[];
  /** Models in its repository that are not loaded. */
  readonly unloaded: readonly ModelRef[];
  /** Photos that it may still be sent. */
  readonly credits: number;
  /** Photos sent and not answered. */
  readonly inFlight: number;
  /** Kept free for one photo that must run alone, or running it now. */
  readonly reserved: boolean;
  /** The breaker lets photos through, and it has not asked for a pause. */
  readonly admits: boolean;
  /** Tiles in a second of work, as this core has measured it; 0: not yet. */
  readonly tilesPerSecond: number;
  /** Memory that models may still take, in bytes; 0: none, or not known. */
  readonly freeBytes: number;
}

export interface PlacementNeed {
  readonly models: readonly ModelRef[];
  /** Servers on which this photo failed before. */
  readonly failedOn: readonly string[];
  /** The server that had the last photo of this site: its caches are warm. */
  readonly preferred?: string | undefined;
}

export type Placement =
  | { readonly kind: 'server'; readonly serverId: string }
  /** Servers could take it, but have no credit left. */
  | { readonly kind: 'busy' }
  /** No server that is ready holds its models. */
  | { readonly kind: 'no_model' };

/** Waits up to so many times the least one count as equal: rates are measured, not known. */
export const NEAR = 1.25;

/**
 * Chooses the server for a photo: of those that are ready, hold exactly the models it needs and
 * have a credit, those that have not failed it before; of these the ones with the least wait
 * (photos under way by measured throughput); of these the one that had the site's last photo,
 * else the better of two taken at random, so that several cores do not all run to the same one.
 * Pure but for `random`, 0..1.
 */
export function placePhoto(
  need: PlacementNeed,
  servers: readonly ServerView[],
  random: () => number = Math.random,
): Placement {
  const able = servers.filter((server) => server.ready && holdsAll(server.models, need.models));
  if (able.length === 0) return { kind: 'no_model' };
  const open = able.filter((server) => server.admits && !server.reserved && server.credits > 0);
  const fresh = open.filter((server) => !need.failedOn.includes(server.serverId));
  const near = nearest(fresh.length > 0 ? fresh : open, servers);
  if (near.length === 0) return { kind: 'busy' };
  const preferred = near.find(({ server }) => server.serverId === need.preferred);
  const [one, other] = twoOf(near, random);
  const chosen = preferred ?? (other && other.wait < one!.wait ? other : one!);
  return { kind: 'server', serverId: chosen.server.serverId };
}

/**
 * Chooses the server to keep free for a photo that was under way when a server was lost: it runs
 * alone, so that the next loss tells whether it was the cause. Pure.
 */
export function placeAlone(need: PlacementNeed, servers: readonly ServerView[]): Placement {
  const able = servers.filter((server) => server.ready && holdsAll(server.models, need.models));
  if (able.length === 0) return { kind: 'no_model' };
  const admitting = able.filter((server) => server.admits);
  const fresh = admitting.filter((server) => !need.failedOn.includes(server.serverId));
  // It waits for a server that it has not failed on: three losses must be of three servers.
  const open = (fresh.length > 0 ? fresh : admitting).filter((server) => !server.reserved);
  const [best] = nearest(open, servers);
  return best === undefined ? { kind: 'busy' } : { kind: 'server', serverId: best.server.serverId };
}

export type LoadChoice =
  | { readonly kind: 'load'; readonly serverId: string; readonly models: readonly ModelRef[] }
  /** Some server is at it. */
  | { readonly kind: 'loading' }
  /** No server that may has them in its repository. */
  | { readonly kind: 'none' };

/**
 * Chooses the server to ask to load what a photo needs: one where it fits beside what is loaded,
 * then the one with the most free memory, the least work, the first name: the same at every core.
 * Only which server is chosen here; whether and what it evicts is decided there, in one step.
 * `bytes`: what the models take, as measured anywhere, or 0. `evict` false: only where it fits.
 * Pure.
 */
export function placeLoad(
  need: PlacementNeed,
  servers: readonly ServerView[],
  { bytes, evict }: { readonly bytes: number; readonly evict: boolean },
): LoadChoice {
  const there = servers.filter((server) => server.ready && server.admits && !server.reserved);
  const missing = (server: ServerView) =>
    need.models.filter((model) => !holdsAll(server.models, [model]));
  const can = there.filter((server) => {
    const gaps = missing(server);
    return gaps.length > 0 && holdsAll([...server.unloaded, ...server.loading], gaps);
  });
  if (can.some((server) => holdsAll(server.loading, missing(server)))) return { kind: 'loading' };
  const fits = (server: ServerView) => server.freeBytes > 0 && server.freeBytes >= bytes;
  const [best] = can
    .filter((server) => evict || fits(server))
    .sort(
      (a, b) =>
        Number(fits(b)) - Number(fits(a)) ||
        b.freeBytes - a.freeBytes ||
        a.inFlight - b.inFlight ||
        (a.serverId < b.serverId ? -1 : 1),
    );
  if (best === undefined) return { kind: 'none' };
  const models = missing(best).filter((model) => holdsAll(best.unloaded, [model]));
  return { kind: 'load', serverId: best.serverId, models };
}

function holdsAll(held: readonly ModelRef[], models: readonly ModelRef[]): boolean {
  return models.every((model) =>
    held.some(
      (one) =>
        one.digest === model.digest && one.name === model.name && one.version === model.version,
    ),
  );
}

interface Waiting {
  readonly server: ServerView;
  readonly wait: number;
}

/** Those whose wait is close to the least one, the least first. */
function nearest(open: readonly ServerView[], all: readonly ServerView[]): Waiting[] {
  const measured = all.map((server) => server.tilesPerSecond).filter((rate) => rate > 0);
  // Of a server that nobody has measured the mean is expected.
  const mean = measured.reduce((sum, rate) => sum + rate, 0) / measured.length || 1;
  const waiting = open
    .map((server) => ({ server, wait: (server.inFlight + 1) / (server.tilesPerSecond || mean) }))
    .sort((a, b) => a.wait - b.wait || (a.server.serverId < b.server.serverId ? -1 : 1));
  return waiting.filter(({ wait }) => wait <= waiting[0]!.wait * NEAR);
}

function twoOf<T>(list: readonly T[], random: () => number): readonly [T | undefined, T?] {
  if (list.length < 2) return [list[0]];
  const first = Math.floor(random() * list.length);
  const step = 1 + Math.floor(random() * (list.length - 1));
  return [list[first], list[(first + step) % list.length]];
}
