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
  /** Photos that it may still be sent. */
  readonly credits: number;
  /** Photos sent and not answered. */
  readonly inFlight: number;
  /** Kept free for one photo that must run alone, or running it now. */
  readonly reserved: boolean;
  /** The breaker lets photos through. */
  readonly admits: boolean;
  /** Over the last minute; 0 when idle. */
  readonly tilesPerSecond: number;
}

export interface PlacementNeed {
  readonly models: readonly ModelRef[];
  /** Servers on which this photo failed before. */
  readonly failedOn: readonly string[];
}

export type Placement =
  | { readonly kind: 'server'; readonly serverId: string }
  /** Servers could take it, but have no credit left. */
  | { readonly kind: 'busy' }
  /** No server that is ready holds its models. */
  | { readonly kind: 'no_model' };

/**
 * Chooses the server for a photo: of those that are ready, hold exactly the models it needs and
 * have a credit, one that has not failed it before, then the one with the least under way, then
 * the faster one. Pure.
 */
export function placePhoto(need: PlacementNeed, servers: readonly ServerView[]): Placement {
  const able = servers.filter((server) => server.ready && holdsAll(server, need.models));
  if (able.length === 0) return { kind: 'no_model' };
  const open = able.filter((server) => server.admits && !server.reserved && server.credits > 0);
  const [best] = open.sort((a, b) => compare(a, b, need.failedOn));
  return best === undefined ? { kind: 'busy' } : { kind: 'server', serverId: best.serverId };
}

/**
 * Chooses the server to keep free for a photo that was under way when a server was lost: it runs
 * alone, so that the next loss tells whether it was the cause. Pure.
 */
export function placeAlone(need: PlacementNeed, servers: readonly ServerView[]): Placement {
  const able = servers.filter((server) => server.ready && holdsAll(server, need.models));
  if (able.length === 0) return { kind: 'no_model' };
  const admitting = able.filter((server) => server.admits);
  const fresh = admitting.filter((server) => !need.failedOn.includes(server.serverId));
  // It waits for a server that it has not failed on: three losses must be of three servers.
  const open = (fresh.length > 0 ? fresh : admitting).filter((server) => !server.reserved);
  const [best] = open.sort((a, b) => compare(a, b, need.failedOn));
  return best === undefined ? { kind: 'busy' } : { kind: 'server', serverId: best.serverId };
}

function holdsAll(server: ServerView, models: readonly ModelRef[]): boolean {
  return models.every((model) =>
    server.models.some(
      (held) =>
        held.digest === model.digest && held.name === model.name && held.version === model.version,
    ),
  );
}

function compare(a: ServerView, b: ServerView, failedOn: readonly string[]): number {
  const failed = (server: ServerView) => (failedOn.includes(server.serverId) ? 1 : 0);
  return (
    failed(a) - failed(b) ||
    a.inFlight - b.inFlight ||
    b.tilesPerSecond - a.tilesPerSecond ||
    (a.serverId < b.serverId ? -1 : 1)
  );
}
