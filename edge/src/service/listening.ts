import { AppError } from '@demeter/common/errors';
import type { Server } from 'bun';
import { announcedName, pageUrls } from '../announce/addresses.ts';
import type { Intake } from '../buffer/intake.ts';
import { createApp } from '../http/app.ts';
import type { Condition } from '../http/health.ts';
import type { PageOptions } from '../http/page.ts';
import type { Base } from './base.ts';

/** Longest silence of a client before its connection ends. */
const IDLE_TIMEOUT_S = 60;
/** A slow upload that is under way when the edge stops is cut after this. */
const UPLOADS_DRAIN_MS = 10_000;

/** What the HTTP side is given by the other parts. */
export interface Answering {
  readonly intake: Intake;
  readonly condition: Condition;
  readonly page: Omit<PageOptions, 'urls'>;
  /** Aborted: nothing more is taken. */
  readonly stopping: AbortSignal;
}

export interface Listening {
  /** "host:port" where cameras are answered. */
  readonly address: string;
  readonly port: number;
  /** Addresses of the page, the best first. */
  readonly urls: readonly string[];
  /** Ends what is being answered; connections that clients merely keep open are cut. */
  drain(): Promise<void>;
}

/** Answers cameras and people over HTTP. Throws INVALID_SETTING if the port cannot be bound. */
export function listen(base: Base, { intake, condition, page, stopping }: Answering): Listening {
  const { config, journal, events, log } = base;
  const { values } = config;
  const { DEMETER_EDGE_HOST: hostname, DEMETER_EDGE_PORT: port } = values;
  const urls = () => pageUrls(hostname, app.server?.port ?? port, announcedName(values));
  const app = createApp({
    photos: {
      cameras: config.cameras,
      intake,
      journal,
      bytesMax: config.limits.bytesMax,
      stopping,
      pace: base.pace,
    },
    page: { ...page, urls },
    condition,
    events,
    log,
    metrics: {
      enabled: values.ENABLE_METRICS,
      everywhere: values.DEMETER_EDGE_METRICS === 'everywhere',
    },
  });
  try {
    app.listen({
      hostname,
      port,
      idleTimeout: IDLE_TIMEOUT_S,
      // Elysia lets several share a port, and each photo would go to either of two edges.
      reusePort: false,
      // Bodies are counted while they stream, and refused with a problem document.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    });
  } catch (cause) {
    throw new AppError('INVALID_SETTING', `${hostname}:${port} cannot be bound.`, {
      field: 'DEMETER_EDGE_PORT',
      hint: 'Another process listens there, or the address is not of this machine.',
      cause,
    });
  }
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    address: `${host}:${app.server?.port ?? 0}`,
    port: app.server?.port ?? 0,
    urls: urls(),
    drain: () => drain(app.server),
  };
}

async function drain(server: Server<unknown> | null): Promise<void> {
  if (!server) return;
  void server.stop(false);
  const end = performance.now() + UPLOADS_DRAIN_MS;
  while (server.pendingRequests > 0 && performance.now() < end) await Bun.sleep(20);
  await server.stop(true);
}
