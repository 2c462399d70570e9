/**
 * What bench/ starts to measure parts of this program without the rest: `measure-main.ts merge BOXES`
 * suppresses boxes of a file (float32 rows x1, y1, x2, y2, score) at IoU 0.5. One line of JSON comes
 * out for each that comes in.
 */
import { nms } from './pipeline/nms.ts';

const [what, file] = process.argv.slice(2);
if (what !== 'merge' || !file) throw new Error('usage: measure-main.ts merge BOXES');
const rows = new Float32Array(await Bun.file(file).arrayBuffer());
console.log(JSON.stringify({ ready: true }));
for await (const line of console) {
  const { count }: { count: number } = JSON.parse(line);
  const set = {
    boxes: Float32Array.from({ length: 4 * count }, (_, i) => rows[5 * (i >> 2) + (i & 3)]!),
    scores: Float32Array.from({ length: count }, (_, i) => rows[5 * i + 4]!),
    classes: new Uint32Array(count),
  };
  const started = performance.now();
  const kept = nms(set, { iou: 0.5, inside: 1 }).length;
  console.log(JSON.stringify({ ms: performance.now() - started, kept }));
}
