/**
 * The bare loop, in a process of its own: `bare-loop-main.ts MODEL PHOTO THREADS`. For each number on
 * stdin it runs so many tiles and answers the milliseconds they took. Nothing but `run` is timed.
 * It runs them with spinning threads, ONNX Runtime's default, and without, which is faster where
 * other programs want the cores too, and answers the faster of both: nobody is beaten by a setting.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { cutTiles, TILE_PX } from './photo-tiles.ts';

/** Different tiles, used in turn: all 80 of a 20 MP photo would take 400 MB. */
const TILES = 10;

const [model, photo, threads] = process.argv.slice(2);
if (!model || !photo || !threads) throw new Error('usage: bare-loop-main.ts MODEL PHOTO THREADS');
const sessions = await Promise.all(
  ['1', '0'].map((allow_spinning) =>
    InferenceSession.create(model, {
      intraOpNumThreads: Number(threads),
      extra: { session: { intra_op: { allow_spinning } } },
    }),
  ),
);
const tiles = await cutTiles(photo, TILES);

async function measure(session: InferenceSession, count: number): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    const images = new Tensor('float32', tiles[i % TILES]!, [1, 3, TILE_PX, TILE_PX]);
    await session.run({ images });
  }
  return performance.now() - started;
}

for (const session of sessions) await measure(session, 2);
console.log('ready');
for await (const line of console) {
  const times: number[] = [];
  for (const session of sessions) times.push(await measure(session, Number(line)));
  console.log(String(Math.min(...times)));
}
