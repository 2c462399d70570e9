import { createLogger } from '@demeter/common/logger';
import { readConfig } from './config.ts';
import { startEdge } from './service.ts';

/** For tests: an edge that ends itself with kill -9 when it reaches STEP for the COUNTth time. */
const [wanted, count] = process.argv.slice(2);
let left = Number(count);
const config = readConfig(process.env);
const edge = await startEdge(config, createLogger('edge', config.values), {
  onStep: (step) => {
    if (step === wanted && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
console.log(JSON.stringify({ ready: true, http: edge.address }));
