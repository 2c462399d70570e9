/** `bun run check [--fix] [part of a check's name …]`: all house rules that need no server. */
import { availableParallelism } from 'node:os';
import { biome } from './biome.ts';
import type { Check } from './check.ts';
import { protoBreaking, protoLint } from './contracts.ts';
import { generated, protoTypes } from './generated.ts';
import { settingsDocuments } from './settings.ts';
import { structure } from './structure.ts';
import { types } from './types.ts';
import { unused } from './unused.ts';

/** The slow ones first, so that nothing waits alone at the end. */
const CHECKS: readonly Check[] = [
  ...generated,
  biome,
  unused,
  ...types,
  structure,
  protoLint,
  protoBreaking,
  protoTypes,
  settingsDocuments,
];

const args = process.argv.slice(2);
const filters = args.filter((arg) => !arg.startsWith('--'));
const chosen = CHECKS.filter(
  (check) => filters.length === 0 || filters.some((part) => check.name.includes(part)),
);
if (args.includes('--fix')) for (const check of chosen) await check.fix?.();

const waiting = [...chosen];
let failed = 0;
const workers = Math.min(4, Math.max(2, availableParallelism()));
await Promise.all(Array.from({ length: workers }, work));
console.log(`${chosen.length - failed} checks passed, ${failed} failed`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const started = performance.now();
    const problem = await check.run().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
    if (problem !== undefined) {
      failed++;
      console.log(problem.replaceAll(/^/gm, '       '));
    }
  }
}
