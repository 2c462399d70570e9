import { Database } from 'bun:sqlite';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CaseOn, must } from '../fault-case.ts';
import type { EdgeSystem } from './edge-system.ts';

export type EdgeCase = CaseOn<EdgeSystem>;

/** Nobody listens there: the link is dead. */
export const NOBODY = 'http://127.0.0.1:9';
export const DEAD_LINK = { DEMETER_EDGE_CORE_URL: NOBODY };

/**
 * An edge takes photos again so soon after it was started, whatever had ended it; on a machine that
 * has more to do than it has cores, later in proportion.
 */
const RESUME_S_MAX = 10;
/** A busy machine in the quick suite says nothing of an edge's speed. */
const RESUME_QUICK_S_MAX = 100;

/** How long starts took. */
export class Starts {
  #worst = 0;
  #sum = 0;
  #count = 0;

  constructor(private readonly quick: boolean) {}

  add(seconds: number): void {
    this.#count++;
    this.#sum += seconds;
    this.#worst = Math.max(this.#worst, seconds);
    const share = Math.max(1, loadavg()[0]! / availableParallelism());
    const bound = this.quick ? RESUME_QUICK_S_MAX : RESUME_S_MAX * share;
    must(seconds < bound, `the edge took photos after ${seconds.toFixed(1)} s only`);
  }

  get detail() {
    const mean = this.#count === 0 ? 0 : this.#sum / this.#count;
    return { start_s_mean: Number(mean.toFixed(2)), start_s_max: Number(this.#worst.toFixed(2)) };
  }
}

const JOURNAL_FILES = ['journal.sqlite', 'journal.sqlite-wal'];

/** Looks at a copy of the journal, which stays as the fault has left it. */
export function withJournal<T>(data: string, look: (journal: Database) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-journal-'));
  try {
    for (const name of JOURNAL_FILES) {
      if (existsSync(join(data, name))) copyFileSync(join(data, name), join(folder, name));
    }
    const journal = new Database(join(folder, 'journal.sqlite'));
    try {
      return look(journal);
    } finally {
      journal.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `PRAGMA integrity_check` of what lies on the disk. */
export function requireSoundJournal(data: string): void {
  if (!existsSync(join(data, 'journal.sqlite'))) return;
  const found = withJournal(data, (journal) => journal.query('PRAGMA integrity_check').all());
  const said = JSON.stringify(found);
  must(said === '[{"integrity_check":"ok"}]', `the journal is damaged: ${said}`);
}
