import { decodeGrey, shrink, UndecodableError } from './decode.ts';
import { readExif } from './exif.ts';
import { exposureOf } from './exposure.ts';
import { makePreview, readTags } from './look.ts';
import type { JudgeMessage, JudgeRequest, JudgeResult } from './messages.ts';
import { differenceHash, HASH_HEIGHT, HASH_WIDTH } from './near-duplicate.ts';
import { emptyShare } from './obstruction.ts';
import { leastSharpness } from './sharpness.ts';
import type { Measurement } from './verdict.ts';

/**
 * The judge process: decoders run on bytes from outside, so they run here, where a crash or a
 * hang costs one photo a second try and nothing else. It ends with its parent.
 */

async function measure(request: Pick<JudgeRequest, 'path' | 'mediaType'>): Promise<Measurement> {
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

async function perform(request: JudgeRequest): Promise<JudgeResult> {
  const { path, mediaType, task } = request;
  if (task === 'measure') {
    const measurement = await measure(request);
    return { kind: 'measured', measurement, exif: await readExif(path, mediaType) };
  }
  try {
    return task === 'preview'
      ? { kind: 'preview', webp: await makePreview(path, mediaType, request.longSidePx) }
      : { kind: 'tags', texts: await readTags(path, mediaType) };
  } catch (error) {
    return { kind: 'undecodable', problem: String(error) };
  }
}

process.on('message', async (request: JudgeRequest) => {
  const result = await perform(request);
  answer({ ...result, id: request.id, residentBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit(0));
answer({ kind: 'ready' });
