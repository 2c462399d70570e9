import { AppError } from '@demeter/common/errors';
import { Lifecycle } from '@demeter/common/lifecycle';
import { createLogger } from '@demeter/common/logger';
import { isLoopback } from '@demeter/common/loopback';
import { startTelemetry } from '@demeter/common/telemetry';
import { renderUnicodeCompact } from 'uqr';
import { readConfig } from './config.ts';
import { noteStart } from './in-force/start-record.ts';
import { startEdge } from './service.ts';

/** The edge process. Stdout carries one line, when it is ready; everything else goes to stderr. */
try {
  const config = readConfig(process.env);
  const log = createLogger('edge', config.values);
  for (const note of config.notes) log.warn(note);
  const telemetry = await startTelemetry('edge', config.values);
  const lifecycle = new Lifecycle(log);
  const edge = await startEdge(config, log);
  noteStart(config, process.env, log);
  lifecycle.onStop('edge', () => edge.stop());
  lifecycle.onStop('telemetry', () => telemetry.shutdown());
  log.info({ address: edge.address, data: config.dataFolder, page: edge.urls }, 'ready');
  // For whoever stands at the box with a phone, where people read along and phones reach it.
  const [url] = edge.urls;
  const { LOG_FORMAT, DEMETER_EDGE_HOST } = config.values;
  const isRead = process.stderr.isTTY || LOG_FORMAT === 'pretty';
  if (url && isRead && !isLoopback(DEMETER_EDGE_HOST)) {
    console.error(`\n${renderUnicodeCompact(url, { border: 2 })}\n${url}\n`);
  }
  console.log(JSON.stringify({ ready: true, http: edge.address }));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(`${error.code}: ${error.message} ${error.hint}`);
  process.exit(1);
}
