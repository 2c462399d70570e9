import type { BulkClient } from './bulk-client.ts';
import { Progress } from './progress.ts';
import { EXIT, type Exit, type Report, reprocessingWords, stateWords } from './report.ts';
import { type ReprocessingShape, toReprocessing } from './shapes.ts';

/** Shows a reprocessing until it has ended, or until this is stopped: then it goes on there. */
export async function follow(client: BulkClient, report: Report, id: string): Promise<Exit> {
  const progress = new Progress((line) => report.say(line));
  let last: ReprocessingShape | undefined;
  try {
    for await (const { reprocessing } of client.follow('Watch', () => ({ reprocessing_id: id }))) {
      last = toReprocessing(reprocessing);
      if (report.json) report.line('progress', last, '');
      else progress.show({ ...last, state: stateWords(last), words: plantsWords(last) });
    }
  } catch (error) {
    if (!client.options.signal.aborted) throw error;
  } finally {
    progress.stop();
  }
  if (client.options.signal.aborted) {
    report.say(`It goes on at the core. See it again: demeter reprocess watch ${id}`);
    return EXIT.stopped;
  }
  if (!last) throw new Error('the core ended the watch without a word');
  report.summary(last, reprocessingWords(last));
  return exitOf(last);
}

function exitOf({ state, failed }: ReprocessingShape): Exit {
  if (state === 'cancelled') return EXIT.failed;
  return failed > 0 ? EXIT.someFailed : EXIT.done;
}

function plantsWords({ plants_before, plants_after, failed }: ReprocessingShape): string {
  const failures = failed > 0 ? `, ${failed} failed` : '';
  return `${plants_before} → ${plants_after} plants${failures}`;
}
