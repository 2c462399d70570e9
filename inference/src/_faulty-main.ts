/**
 * For tests: an inference server that makes the faults that files in FAULTS_DIR ask for. Those of
 * its sessions are in model/_faulty-session-worker.ts; a photo whose hash names a file
 * `poison-<sha256>` kills the process, as a fault in native code does.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Lifecycle } from '@demeter/common/lifecycle';
import { createLogger } from '@demeter/common/logger';
import { readConfig } from './config.ts';
import { followParent } from './parent.ts';
import { type ServiceOptions, startService } from './service.ts';
import { countWork } from './work/count-work.ts';

const folder = process.env.FAULTS_DIR ?? '';
const config = readConfig(process.env);
const log = createLogger('inference', config.values);
const lifecycle = new Lifecycle(log);
const asked = followParent(lifecycle, (line) => console.log(JSON.stringify(line)));
const count: ServiceOptions['count'] = (photo, options) => {
  const hash = createHash('sha256').update(photo.content).digest('hex');
  if (existsSync(join(folder, `poison-${hash}`))) process.kill(process.pid, 'SIGKILL');
  return countWork(photo, options);
};
const sessionWorker = new URL('./model/_faulty-session-worker.ts', import.meta.url);
const service = await startService(config, lifecycle, log, { ...asked, count, sessionWorker });
console.log(JSON.stringify(service));
