import { AppError } from '@demeter/common/errors';
import { Lifecycle } from '@demeter/common/lifecycle';
import { createLogger } from '@demeter/common/logger';
import { startTelemetry } from '@demeter/common/telemetry';
import { readConfig } from './config.ts';
import { startCore } from './service.ts';

try {
  const config = readConfig(process.env);
  const log = createLogger('core', config.values);
  const telemetry = await startTelemetry('core', config.values);
  const lifecycle = new Lifecycle(log);
  for (const note of config.notes) log.info(note);
  const running = await startCore(config, log, lifecycle);
  lifecycle.onStop('telemetry', () => telemetry.shutdown());
  // One line on stdout for whoever started us; logs go to stderr.
  console.log(JSON.stringify({ ready: true, ...running }));
  log.info(running, 'ready');
} catch (error) {
  const told = error instanceof AppError ? `${error.code}: ${error.message} ${error.hint}` : error;
  console.error(told);
  process.exit(1);
}
