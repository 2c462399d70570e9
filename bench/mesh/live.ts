import sharp from 'sharp';
import { serveTiles } from '../journey/served-tiles.ts';
import { round } from '../statistics.ts';

const MODEL = 'plants';
const LIVE = 0;
const BULK = 2;
/** So many live photos with the load after half as many without, in turns. */
const STRETCH = 40;

/**
 * How long live photos of 12 MP take, one after the other, with bulk photos in the queue all the
 * time, and without.
 */
export async function measureLive(options: {
  readonly samples: number;
  /** Made 12 MP. */
  readonly livePhoto: string;
  readonly bulkPhoto: string;
  readonly modelFolder: string;
  readonly threads: number;
  readonly folder: string;
}) {
  const { samples, livePhoto, bulkPhoto, modelFolder, threads, folder } = options;
  const bulk = await Bun.file(bulkPhoto).bytes();
  const content = await sharp(livePhoto).resize(4000, 3000, { fit: 'fill' }).jpeg().toBuffer();
  const server = await serveTiles({ modelFolder, model: MODEL, threads, folder });
  const bulkStream = server.connect();
  const [alone, loaded]: [number[], number[]] = [[], []];
  let bulkPhotos = 0;

  const liveOne = async () => {
    const started = performance.now();
    await server.count({ content, times: 1, tiling: 'manifest', lane: LIVE });
    return performance.now() - started;
  };
  const underLoad = async (work: () => Promise<void>) => {
    let on = true;
    const send = async () => {
      while (on) {
        await bulkStream.count({ content: bulk, times: 1, tiling: 'tiles', lane: BULK });
        bulkPhotos++;
      }
    };
    const load = [send(), send(), send()];
    await work();
    on = false;
    await Promise.all(load);
  };

  try {
    await liveOne();
    while (loaded.length < samples) {
      const stretch = Math.min(STRETCH, samples - loaded.length);
      for (let i = 0; i < stretch; i += 2) alone.push(await liveOne());
      await underLoad(async () => {
        for (let i = 0; i < stretch; i++) loaded.push(await liveOne());
      });
    }
    return {
      ratio_live_p95: round(quantile(loaded, 0.95) / quantile(alone, 0.95)),
      live_ms: {
        p50: round(quantile(loaded, 0.5)),
        p95: round(quantile(loaded, 0.95)),
        p99: round(quantile(loaded, 0.99)),
      },
      alone_ms: {
        p50: round(quantile(alone, 0.5)),
        p95: round(quantile(alone, 0.95)),
        p99: round(quantile(alone, 0.99)),
      },
      live_samples: loaded.length,
      bulk_photos: bulkPhotos,
    };
  } finally {
    await bulkStream.stop();
    await server.stop();
  }
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
