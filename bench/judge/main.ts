/**
 * The edge's verdicts on photos that are known to be good and on the same photos spoilt: precision and
 * recall per verdict, and how soon a verdict is there. `bun run bench judge [--json] [--photos N]`.
 * A real edge judges; the photos are real ones of plants from above.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Glob } from 'bun';
import sharp from 'sharp';
import { median, round } from '../statistics.ts';
import { type RunningEdge, startEdge } from './running-edge.ts';
import { CAMERAS, LABELS, type Label, spoil } from './variants.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, photos: { type: 'string', default: '24' } },
});
const data = process.env.DEMETER_TEST_DATA ?? join(import.meta.dir, '../../../shared/data');
/** Sharp, well-lit photos of plants from above. */
const GOOD = [
  'photos-and-models/trays/*.jpg',
  'photos-and-models/aerial-palms/*.jpg',
  'photos-and-models/field-seedlings/*.jpg',
  'train-nursery/agir-pots/*.jpg',
  'train-nursery/succulents-datamatrix/*.jpg',
  'train-pots/*.jpg',
];
/** Of a 12 MP photo, whose verdict a worker waits for. */
const TIMED = 9;

const paths = GOOD.flatMap((pattern) => [...new Glob(pattern).scanSync({ cwd: data })].sort());
const step = Math.max(1, Math.floor(paths.length / Number(values.photos)));
const chosen = paths.filter((_, index) => index % step === 0).map((path) => join(data, path));

const tally = Object.fromEntries(LABELS.map((label) => [label, { right: 0, said: 0, meant: 0 }]));
const edge = await startEdge(CAMERAS);
try {
  for (const path of chosen) await judgeAll(edge, path);
  const summary = {
    photos: chosen.length,
    verdicts: Object.fromEntries(LABELS.map((label) => [label, scoreOf(label)])),
    verdict_ms_median_12mp: await timeVerdicts(edge),
  };
  console.log(values.json ? JSON.stringify(summary) : summary);
} finally {
  await edge.stop();
}

async function judgeAll(running: RunningEdge, path: string): Promise<void> {
  for (const { label, how, camera, bytes } of await spoil(readFileSync(path))) {
    const { verdict } = await running.judge(bytes, camera);
    const said = (verdict?.reasons ?? []).map(({ code }) => code);
    // A spoilt photo may have several faults: covered photos are darker. A second one is not counted.
    const chief = label !== 'good' && said.includes(label) ? label : (said[0] ?? 'good');
    tally[label]!.meant++;
    tally[chief]!.said++;
    if (chief === label) tally[label]!.right++;
    else
      console.error(`${path}: ${how} was meant as ${label}, judged ${said.join(', ') || 'good'}`);
  }
}

function scoreOf(label: Label) {
  const { right, said, meant } = tally[label]!;
  return { precision: round(right / said), recall: round(right / meant), photos: meant };
}

/** Median time from the last byte to the verdict, milliseconds. */
async function timeVerdicts(running: RunningEdge): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < TIMED; turn++) {
    const source = chosen[turn % chosen.length]!;
    const bytes = await sharp(source)
      .rotate()
      .resize(4000, 3000, { fit: 'cover' })
      .jpeg({ quality: 85 + turn })
      .toBuffer();
    times.push((await running.judge(bytes, CAMERAS[0]!)).verdictMs);
  }
  return round(median(times));
}
