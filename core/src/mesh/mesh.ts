import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type { HealthReport__Output } from '@demeter/proto';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { Endpoint } from './endpoint.ts';
import { ModelAdmin } from './models-client.ts';
import type { ModelRef } from './placement.ts';
import type { AnnouncedServer, Registry } from './registry.ts';

/** How often the list of servers is looked at; an announcement here is acted on at once. */
const REFRESH_MS = 1_000;

export interface MeshOptions {
  readonly coreId: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly registry: Registry;
  /** host:port of servers that do not announce themselves. */
  readonly staticServers: readonly string[];
  readonly credentials: ChannelCredentials;
  readonly token?: string;
}

/** A server as `/system/mesh` shows it. */
export interface ServerStatus {
  readonly serverId: string;
  readonly address: string;
  readonly state: string;
  readonly breaker: string;
  readonly inFlight: number;
  /** In a second of work, as this core has measured it; 0: not yet. */
  readonly tilesPerSecond: number;
  readonly report: HealthReport__Output | undefined;
}

/**
 * Keeps one endpoint to every inference server that is known: those configured, and those that
 * announced themselves. An announced one that fell silent is let go once its stream is gone too.
 */
export class Mesh {
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #listeners = new Set<() => void>();
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(private readonly options: MeshOptions) {}

  start(): void {
    this.#loop ??= this.#refreshForever();
  }

  async announce(server: AnnouncedServer): Promise<void> {
    await this.options.registry.announce(server);
    if (!this.#endpoints.has(server.address)) await this.#refresh();
  }

  /** Called whenever a server came, went, or may take more work. Answers the unsubscription. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Endpoints with an open stream, one a server. */
  connected(): Endpoint[] {
    const byServer = new Map<string, Endpoint>();
    for (const endpoint of this.#endpoints.values()) {
      if (!endpoint.connected || endpoint.serverId === undefined) continue;
      if (!byServer.has(endpoint.serverId)) byServer.set(endpoint.serverId, endpoint);
    }
    return [...byServer.values()];
  }

  /** Server → `active`, `not_ready`, `draining` or `lost`, for the health report. */
  workers(): Record<string, string> {
    return Object.fromEntries(
      this.status().map(({ serverId, state, report }) => {
        const connected = report?.ready ? 'active' : 'not_ready';
        const shown =
          state === 'connected' ? connected : state === 'draining' ? 'draining' : 'lost';
        return [serverId, shown];
      }),
    );
  }

  /** Server → why it is not ready or not on the provider asked for, where there is something to say. */
  reasons(): Record<string, string> {
    return Object.fromEntries(
      this.status().flatMap(({ serverId, report }) => {
        const said = new Set([report?.reason, report?.provider_reason].filter((text) => !!text));
        return said.size > 0 ? [[serverId, [...said].join('; ')]] : [];
      }),
    );
  }

  status(): ServerStatus[] {
    return [...this.#endpoints.values()].map((endpoint) => {
      const { serverId, inFlight, tilesPerSecond } = endpoint.view();
      const { address, state, breaker, report } = endpoint;
      return { serverId, address, state, breaker, inFlight, tilesPerSecond, report };
    });
  }

  /**
   * Uses the model administration of one connected server.
   * Throws NOT_FOUND where it is not connected, and what the server answers.
   */
  async administer<T>(serverId: string, use: (admin: ModelAdmin) => Promise<T>): Promise<T> {
    const endpoint = this.connected().find((one) => one.serverId === serverId);
    if (!endpoint) {
      throw new AppError('NOT_FOUND', `There is no connected server ${serverId}.`, {
        field: 'servers',
        hint: 'GET /api/v1/system/mesh names those that are there.',
      });
    }
    const { credentials, token } = this.options;
    const admin = new ModelAdmin({ address: endpoint.address, credentials, token });
    try {
      return await use(admin);
    } finally {
      admin.close();
    }
  }

  /** Memory that these models take together, the most that any server has measured; 0: nobody has. */
  measuredBytes(models: readonly ModelRef[]): number {
    const measured = this.connected().flatMap((endpoint) => endpoint.report?.models ?? []);
    const bytesOf = ({ digest }: ModelRef) =>
      measured
        .filter((model) => model.digest.toString('hex') === digest)
        .reduce((most, model) => Math.max(most, Number(model.bytes)), 0);
    return models.reduce((sum, model) => sum + bytesOf(model), 0);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
  }

  async #refreshForever(): Promise<void> {
    const { clock } = this.options;
    while (!this.#stopped.signal.aborted) {
      await this.#refresh();
      await clock.sleep(REFRESH_MS, this.#stopped.signal).catch(() => {});
    }
  }

  async #refresh(): Promise<void> {
    const announced = await this.options.registry.servers();
    if (this.#stopped.signal.aborted) return;
    const wanted = new Set([
      ...this.options.staticServers,
      ...announced.map((server) => server.address),
    ]);
    for (const address of wanted) {
      if (!this.#endpoints.has(address)) this.#endpoints.set(address, this.#open(address));
    }
    for (const [address, endpoint] of this.#endpoints) {
      if (wanted.has(address) || endpoint.connected) continue;
      this.#endpoints.delete(address);
      void endpoint.close();
    }
  }

  #open(address: string): Endpoint {
    const { coreId, token, credentials, log, clock } = this.options;
    return new Endpoint({
      address,
      coreId,
      credentials,
      log,
      clock,
      ...(token === undefined ? {} : { token }),
      onChange: () => {
        for (const listener of this.#listeners) listener();
      },
    });
  }
}
