import type { Lifecycle } from '@demeter/common/lifecycle';
import type { Logger } from '@demeter/common/logger';
import type { InferenceConfig } from '../config.ts';
import { openNvml } from '../model/nvml.ts';
import { planSlots } from './slots.ts';
import { type ServerStatus, Supervised } from './supervised.ts';
import { Turn } from './turn.ts';

export interface SuperviseOptions {
  readonly config: InferenceConfig;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  /** The server's program. */
  readonly program: string;
}

/** Starts one server for each slot and keeps them; answers when each has said how it starts. */
export async function supervise(options: SuperviseOptions): Promise<readonly ServerStatus[]> {
  const { config, lifecycle, log, program } = options;
  const limits = {
    photosMax: config.values.DEMETER_INFERENCE_RECYCLE_PHOTOS,
    residentBytesMax: config.values.DEMETER_INFERENCE_RECYCLE_BYTES,
  };
  const turn = new Turn();
  const startMs = config.loadSeconds * 1000;
  const command = [process.execPath, program];
  const servers = planSlots(config, openNvml()).map(
    (slot) => new Supervised({ slot, command, log, startMs, limits, turn }),
  );
  lifecycle.onStop('servers', async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  await Promise.all(servers.map((server) => server.settled));
  return servers.map((server) => server.status);
}
