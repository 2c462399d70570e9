/**
 * Merging crowded boxes: our suppression beside torchvision's and SAHI's, on the same boxes.
 * `bun run bench merge [--json] [--pairs N]`. Runs are interleaved, and the best of each counts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLines } from '../line-process.ts';
import { startPeer } from '../peers/peer.ts';
import { round } from '../statistics.ts';
import { goldenCrowd } from './golden-crowd.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '9' },
  },
});
/** As ../shared/data/golden/nms makes them, one class, IoU 0.5. */
const CROWDS = [
  { name: '10k', count: 10_000, size: 900, seed: 2 },
  { name: '33k', count: 33_000, size: 1_600, seed: 3 },
];

interface Measured {
  readonly ms: number;
  readonly kept: number;
}

const measure = join(import.meta.dir, '../../inference/src/measure-main.ts');
const folder = mkdtempSync(join(tmpdir(), 'demeter-bench-'));
const summary: Record<string, unknown> = { pairs: Number(values.pairs) };
try {
  for (const { name, ...crowd } of CROWDS) {
    const file = join(folder, `${name}.bin`);
    await Bun.write(file, goldenCrowd(crowd));
    const own = await startLines([process.execPath, measure, 'merge', file]);
    const peers = await startPeer({
      ...{ environment: 'torch', script: 'merge.py', args: [file], threads: 2 },
    });
    const best = { demeter: Infinity, torchvision: Infinity, sahi: Infinity };
    const kept = new Set<number>();
    for (let pair = 0; pair < Number(values.pairs); pair++) {
      for (const who of ['demeter', 'torchvision', 'sahi'] as const) {
        const process = who === 'demeter' ? own : peers;
        const run = await process.ask<Measured>({ who, count: crowd.count });
        best[who] = Math.min(best[who], run.ms);
        kept.add(run.kept);
      }
    }
    await Promise.all([own.stop(), peers.stop()]);
    if (kept.size !== 1) throw new Error(`they keep different boxes: ${[...kept].join(', ')}`);
    summary[`ratio_${name}`] = round(best.demeter / Math.min(best.torchvision, best.sahi));
    summary[`ms_${name}`] = Object.fromEntries(
      Object.entries(best).map(([who, ms]) => [who, round(ms)]),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(values.json ? JSON.stringify(summary) : summary);
