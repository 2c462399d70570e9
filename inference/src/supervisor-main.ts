/** Starts one inference server for each GPU, or several on the CPU, and keeps them alive. */
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';
import { Lifecycle } from '@demeter/common/lifecycle';
import { createLogger } from '@demeter/common/logger';
import { readConfig } from './config.ts';
import { openNvml } from './model/nvml.ts';
import { stopWithParent } from './parent.ts';
import { planSlots, Supervised } from './supervisor.ts';

try {
  const config = readConfig(process.env);
  const log = createLogger('inference-supervisor', config.values);
  const lifecycle = new Lifecycle(log);
  stopWithParent(lifecycle);
  const command = [process.execPath, join(import.meta.dir, 'main.ts'), '--stop-with-parent'];
  const servers = planSlots(config, openNvml()).map(
    (slot) => new Supervised({ slot, command, log }),
  );
  lifecycle.onStop('servers', async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  await Promise.all(servers.map((server) => server.settled));
  console.log(JSON.stringify({ ready: true, servers: servers.map((server) => server.status) }));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(`${error.code}: ${error.message} ${error.hint}`);
  process.exit(1);
}
