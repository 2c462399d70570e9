import { parseConfig } from '@demeter/common/config';
import type { BulkClient } from './bulk-client.ts';
import { CountedFile, type OwnLine } from './counted-file.ts';
import { photoFiles } from './photo-files.ts';
import { ProcessStream } from './process-stream.ts';
import { Progress } from './progress.ts';
import { EXIT, type Exit, plural, type Report } from './report.ts';
import { type CountWords, toCountOptions } from './request-options.ts';

export interface ProcessWords extends CountWords {
  readonly output?: string;
  readonly detections: boolean;
  readonly store: boolean;
}

/** Counts photos that lie here: lines to a file, which is gone on with, or to stdout. */
export async function processPhotos(
  client: BulkClient,
  report: Report,
  places: readonly string[],
  words: ProcessWords,
): Promise<Exit> {
  const file = words.output ? await CountedFile.open(words.output) : undefined;
  const progress = file && !report.json ? new Progress((line) => report.say(line)) : undefined;
  const sums = { counted: 0, failed: 0, skipped: 0, plants: 0 };
  const show = () => {
    const { counted, failed, skipped, plants } = sums;
    const words = [
      counted > 0 ? plural(plants, 'plant') : '',
      failed > 0 ? `${failed} failed` : '',
      skipped > 0 ? `${skipped} known before` : '',
    ].filter(Boolean);
    progress?.show({
      done: counted + failed + skipped,
      photos: undefined,
      state: 'running',
      words: words.join(', '),
    });
  };
  const stream = new ProcessStream({
    client,
    count: toCountOptions(words),
    detections: words.detections,
    store: words.store,
    files: photoFiles(places),
    answered: file?.answered ?? new Set(),
    photoBytesMax: parseConfig(process.env).values.DEMETER_PHOTO_BYTES_MAX,
    take: (line) => {
      if (file) file.append(line);
      else report.line('photo', line, lineWords(line));
      if ('error' in line) sums.failed++;
      else {
        sums.counted++;
        sums.plants += line.detected;
      }
      show();
    },
    skip: () => {
      sums.skipped++;
      show();
    },
  });
  try {
    await stream.run();
  } catch (error) {
    if (!client.options.signal.aborted) throw error;
  } finally {
    progress?.stop();
    file?.close();
  }
  const complete = !client.options.signal.aborted;
  if (!complete && file) report.say('Stopped. To go on: the same command again');
  report.summary(
    { ...sums, complete },
    `${plural(sums.counted, 'photo')} counted: ${plural(sums.plants, 'plant')}; ${sums.failed} failed, ${sums.skipped} known before`,
  );
  if (!complete) return EXIT.stopped;
  return sums.failed > 0 ? EXIT.someFailed : EXIT.done;
}

function lineWords(line: OwnLine): string {
  return 'error' in line
    ? `${line.file}  ${line.error.code}: ${line.error.message}`
    : `${line.file}  ${line.detected}`;
}
