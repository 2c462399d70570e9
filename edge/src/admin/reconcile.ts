import { join } from 'node:path';
import type { Environment } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { acquireFileLock } from '@demeter/common/file-lock';
import { Journal } from '../buffer/journal.ts';
import { readConfig } from '../config.ts';
import type { Report } from '../reconcile/reconciler.ts';
import { readFailedTry, requestReconciliation } from '../reconcile/request.ts';

const LOOK_MS = 200;
const TIMEOUT_SECONDS_MAX = 86_400;

/**
 * Has the running edge compare with the centre, and answers how it went. Throws INVALID_INPUT,
 * NOT_FOUND if no edge runs on the data folder or none is told of a centre, DEADLINE_EXCEEDED also
 * as soon as the edge says that its try has failed.
 */
export async function reconcile(env: Environment, timeoutSeconds: number): Promise<Report> {
  if (!(timeoutSeconds > 0 && timeoutSeconds <= TIMEOUT_SECONDS_MAX)) {
    const text = `--timeout is a number of seconds up to ${TIMEOUT_SECONDS_MAX}.`;
    throw new AppError('INVALID_INPUT', text, { field: 'timeout' });
  }
  const config = readConfig(env);
  const lock = acquireFileLock(join(config.dataFolder, 'lock'));
  lock.lock?.release();
  if (lock.lock || !config.core) {
    throw new AppError('NOT_FOUND', 'No edge with a centre runs on this data folder.', {
      hint: 'Start it, or set DEMETER_EDGE_DATA and DEMETER_EDGE_CORE_URL as the running one has them.',
    });
  }
  const journal = Journal.openReadOnly(join(config.dataFolder, 'journal.sqlite'));
  try {
    const before = lastReport(journal)?.started_at;
    requestReconciliation(config.dataFolder);
    for (const end = performance.now() + timeoutSeconds * 1000; performance.now() < end; ) {
      const report = lastReport(journal);
      if (report && report.started_at !== before) return report;
      const failure = readFailedTry(config.dataFolder);
      if (failure !== null) throw notNow(config.core.url, failure);
      await Bun.sleep(LOOK_MS);
    }
  } finally {
    journal.closeReader();
  }
  throw new AppError('DEADLINE_EXCEEDED', 'The edge has not compared with the centre in time.', {
    hint: '`admin.ts check` says whether the centre can be reached; the edge goes on by itself.',
  });
}

function notNow(url: string, failure: string): AppError {
  const text = `The edge cannot compare with ${url} now: ${failure}`;
  return new AppError('DEADLINE_EXCEEDED', text, {
    hint: 'It tries again every ten minutes by itself; `admin.ts check` says what is wrong.',
  });
}

/** Of the comparison finished last; null: there was none. */
export function lastReport(journal: Journal): Report | null {
  const [row] = journal.all<{ report: string }>(
    'SELECT report FROM reconciliations ORDER BY started_at DESC LIMIT 1',
  );
  return row ? (JSON.parse(row.report) as Report) : null;
}
