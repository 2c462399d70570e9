import type { Certificates } from '@demeter/common/certificates';
import { systemClock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { backoffMs } from '@demeter/common/retry';
import { demeterV1, type HealthReport } from '@demeter/proto';
import { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import type { InferenceConfig } from '../config.ts';

const DEADLINE_MS = 5_000;
const NEXT_MS_MIN = 200;
const BACKOFF = { baseMs: 500, maxMs: 15_000 };

export interface AnnouncerOptions {
  readonly config: InferenceConfig;
  /** Undefined: without TLS. */
  readonly certificates: Certificates | undefined;
  /** host:port at which the core can dial this server. */
  readonly address: string;
  readonly report: () => HealthReport;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Tells the core "I am here" until `signal` aborts. A core that does not answer is asked again with
 * growing pauses; nothing here ends the server.
 */
export async function announce(options: AnnouncerOptions): Promise<void> {
  const { config, log, signal } = options;
  if (config.core === undefined) return;
  const credentials = options.certificates?.forClient() ?? ChannelCredentials.createInsecure();
  const client = new demeterV1.Registry(config.core, credentials);
  const metadata = new Metadata();
  if (config.token) metadata.set('authorization', `Bearer ${config.token}`);
  let failures = 0;
  while (!signal.aborted) {
    let pauseMs: number;
    try {
      pauseMs = await announceOnce(client, metadata, options);
      if (failures > 0) log.info({ core: config.core }, 'core reached');
      failures = 0;
    } catch (error) {
      // Once, then quietly: the core may be down for days.
      if (failures++ === 0) log.warn({ err: error, core: config.core }, 'core not reached');
      pauseMs = backoffMs(failures, BACKOFF);
    }
    await systemClock.sleep(Math.max(NEXT_MS_MIN, pauseMs), signal).catch(() => {});
  }
  client.close();
}

function announceOnce(
  client: InstanceType<typeof demeterV1.Registry>,
  metadata: Metadata,
  { address, report }: AnnouncerOptions,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  client.announce(
    { address, report: report() },
    metadata,
    { deadline: Date.now() + DEADLINE_MS },
    (error, answer) => {
      if (error) reject(error);
      else resolve(answer?.next_in_ms ?? 0);
    },
  );
  return promise;
}
