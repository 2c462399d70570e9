/** One inference server. Says on stdout, in one line of JSON, where it listens and if it is ready. */
import { AppError } from '@demeter/common/errors';
import { Lifecycle } from '@demeter/common/lifecycle';
import { createLogger } from '@demeter/common/logger';
import { readConfig } from './config.ts';
import { followParent } from './parent.ts';
import { startService } from './service.ts';

try {
  const config = readConfig(process.env);
  const log = createLogger('inference', config.values);
  for (const note of config.notes) log.info(note);
  const lifecycle = new Lifecycle(log);
  const asked = followParent(lifecycle, (line) => console.log(JSON.stringify(line)));
  const service = await startService(config, lifecycle, log, asked);
  console.log(JSON.stringify(service));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const reason = `${error.code}: ${error.message}`;
  console.log(JSON.stringify({ ready: false, reason }));
  console.error(`${reason} ${error.hint}`);
  process.exit(1);
}
