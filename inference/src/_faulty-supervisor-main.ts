/** For tests: the supervisor, over servers that make faults (_faulty-main.ts). */
import { join } from 'node:path';
import { Lifecycle } from '@demeter/common/lifecycle';
import { createLogger } from '@demeter/common/logger';
import { readConfig } from './config.ts';
import { followParent } from './parent.ts';
import { supervise } from './supervisor/supervise.ts';

const config = readConfig(process.env);
const log = createLogger('inference-supervisor', config.values);
const lifecycle = new Lifecycle(log);
followParent(lifecycle);
const program = join(import.meta.dir, '_faulty-main.ts');
const servers = await supervise({ config, lifecycle, log, program });
console.log(JSON.stringify({ ready: true, servers }));
