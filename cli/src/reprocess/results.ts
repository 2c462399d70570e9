import type { BulkClient } from './bulk-client.ts';
import { Progress } from './progress.ts';
import { EXIT, type Exit, type Report } from './report.ts';
import { ResultsFile } from './results-file.ts';
import { toReprocessing, toResult } from './shapes.ts';

export interface ResultsWords {
  readonly detections: boolean;
  readonly output?: string;
  /** Without a file: the cursor to go on after. */
  readonly after?: string;
  readonly wait: boolean;
}

/** Reads results to a file, where a cursor beside it is kept, or to stdout. */
export async function readResults(
  client: BulkClient,
  report: Report,
  id: string,
  words: ResultsWords,
): Promise<Exit> {
  const contents = { reprocessing_id: id, detections: words.detections };
  const file = words.output ? await ResultsFile.open(words.output, contents) : undefined;
  const progress = file && !report.json ? new Progress((line) => report.say(line)) : undefined;
  const sums = { photos: 0, failed: 0, plants_before: 0, plants_after: 0 };
  let cursor = file?.cursor ?? words.after ?? '';
  try {
    const total = progress && (await photosOf(client, id));
    const request = () => ({ ...contents, after: cursor, no_wait: !words.wait });
    for await (const message of client.follow('Results', request)) {
      const result = toResult(message);
      if (file) await file.append(result);
      else report.line('result', result, resultWords(result));
      cursor = result.cursor;
      sums.photos++;
      if (result.outcome === 'failed') sums.failed++;
      sums.plants_before += result.detected_before ?? 0;
      sums.plants_after += result.detected;
      const plants = plantsWords(sums);
      progress?.show({ done: file?.lines ?? 0, photos: total, state: 'running', words: plants });
    }
  } catch (error) {
    if (!client.options.signal.aborted) throw error;
  } finally {
    progress?.stop();
    await file?.close();
  }
  const complete = !client.options.signal.aborted;
  if (!complete) {
    report.say(`Stopped. To go on: the same command again${file ? '' : ` with --after ${cursor}`}`);
  }
  report.summary(
    { reprocessing_id: id, ...sums, cursor, complete },
    `${sums.photos} results, ${sums.failed} failed, ${plantsWords(sums)}`,
  );
  if (!complete) return EXIT.stopped;
  return sums.failed > 0 ? EXIT.someFailed : EXIT.done;
}

async function photosOf(client: BulkClient, id: string): Promise<number> {
  const { reprocessing } = await client.ask('Get', { reprocessing_id: id });
  return toReprocessing(reprocessing).photos;
}

function plantsWords(sums: { readonly plants_before: number; readonly plants_after: number }) {
  return `${sums.plants_before} → ${sums.plants_after} plants`;
}

function resultWords(result: ReturnType<typeof toResult>): string {
  const { sha256, outcome, detected_before, detected, error_code } = result;
  const said = error_code ?? `${detected_before ?? '–'} → ${detected}`;
  return `${sha256}  ${outcome.padEnd(7)}  ${said}`;
}
