/** Starts one inference server for each GPU, or several on the CPU, and keeps them alive. */
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';
import { Lifecycle } from '@demeter/common/lifecycle';
import { createLogger } from '@demeter/common/logger';
import { readConfig } from './config.ts';
import { followParent } from './parent.ts';
import { supervise } from './supervisor/supervise.ts';

try {
  const config = readConfig(process.env);
  const log = createLogger('inference-supervisor', config.values);
  const lifecycle = new Lifecycle(log);
  followParent(lifecycle);
  const program = join(import.meta.dir, 'main.ts');
  const servers = await supervise({ config, lifecycle, log, program });
  console.log(JSON.stringify({ ready: true, servers }));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(`${error.code}: ${error.message} ${error.hint}`);
  process.exit(1);
}
