import { decodeGrey, shrink, UndecodableError } from './decode.ts';
import { readExif } from './exif.ts';
import { exposureOf } from './exposure.ts';
import type { JudgeMessage, JudgeRequest } from './messages.ts';
import { differenceHash, HASH_HEIGHT, HASH_WIDTH } from './near-duplicate.ts';
import { emptyShare } from './obstruction.ts';
import { leastSharpness } from './sharpness.ts';
import type { Measurement } from './verdict.ts';

/**
 * The judge process: decoders run on bytes from outside, so they run here, where a crash or a
 * hang costs one photo a second try and nothing else. It ends with its parent.
 */

async function measure(request: JudgeRequest): Promise<Measurement> {
  try {
    const picture = await decodeGrey(request.path, request.mediaType);
    return {
      decoded: true,
      sharpness: leastSharpness(picture.pixels, picture.width, picture.height),
      exposure: exposureOf(picture.pixels),
      empty: emptyShare(picture),
      phash: differenceHash(await shrink(picture, HASH_WIDTH, HASH_HEIGHT)),
    };
  } catch (error) {
    if (error instanceof UndecodableError) return { decoded: false, problem: error.message };
    throw error;
  }
}

function answer(message: JudgeMessage): void {
  process.send?.(message);
}

process.on('message', async (request: JudgeRequest) => {
  const measurement = await measure(request);
  const exif = await readExif(request.path, request.mediaType);
  const residentBytes = process.memoryUsage.rss();
  answer({ kind: 'measured', id: request.id, measurement, exif, residentBytes });
});
process.on('disconnect', () => process.exit(0));
answer({ kind: 'ready' });
