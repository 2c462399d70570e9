import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { acquireFileLock } from '@demeter/common/file-lock';
import { readStartRecord, type StartRecord } from '../in-force/start-record.ts';
import type { Finding } from './check.ts';

/** Whether an edge runs on the data folder, and what it began with; null: none, or unknown. */
export function lookAtEdge(dataFolder: string): {
  readonly finding: Finding;
  readonly started: StartRecord | null;
} {
  const what = 'edge';
  const path = join(dataFolder, 'lock');
  // Made here it would belong to whoever asks, who need not be the edge's user.
  if (!existsSync(path)) {
    return {
      finding: { level: 'note', what, finding: 'has not been started here yet' },
      started: null,
    };
  }
  const result = acquireFileLock(path);
  if (result.lock) {
    result.lock.release();
    return {
      finding: { level: 'note', what, finding: 'is not running on this folder' },
      started: null,
    };
  }
  const started = readStartRecord(dataFolder, result.holder);
  const finding = `runs as process ${result.holder ?? 'unknown'}`;
  return { finding: { level: 'ok', what, finding }, started };
}
