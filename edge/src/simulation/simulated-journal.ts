import { Database } from 'bun:sqlite';
import { Journal } from '../buffer/journal.ts';
import type { OpenedJournal } from '../buffer/open-journal.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';

/**
 * The journal's file, as SQLite keeps it in WAL mode: a transaction is whole or not there; one
 * committed with `synchronous = FULL` is durable with all before it; those committed with NORMAL
 * after that one are lost in a power cut from some point on, or kept.
 */
export class JournalFile {
  #db = new Database(':memory:', { strict: true });
  /** What a power cut may go back to: states since the last flush, the oldest first. */
  #unflushed: Buffer[] = [];
  /** The power may go: remember what it would take. Copies are most of a run's work otherwise. */
  inPeril = false;
  #full = true;
  #depth = 0;
  /** A process has opened it since it took its place. */
  #opened = false;
  /** It was begun anew and not opened since. */
  #isNew = false;
  /** Writes fail with this code of SQLite's; null: they do not. */
  failing: string | null = null;

  /** `onOpen` is called with each database that takes this one's place. */
  constructor(private readonly onOpen: (db: Database) => void) {}

  /** The journal for one life of the process. */
  open(life: Life): OpenedJournal {
    const rebuilt = this.#isNew;
    this.#full = true;
    const journal = Journal.over(this.#seenBy(life));
    this.onOpen(this.#db);
    this.#isNew = false;
    this.#opened = true;
    return { journal, rebuilt };
  }

  /** Somebody deletes the file, or the platter under it dies. */
  destroy(): void {
    this.#replace(new Database(':memory:', { strict: true }));
    this.#isNew = true;
  }

  cutPower(random: Random): void {
    const back = this.#unflushed[random.integer(0, this.#unflushed.length)];
    if (back) this.#replace(Database.deserialize(back, { strict: true }));
    this.#unflushed = [];
    this.inPeril = false;
  }

  /** For whoever watches; nothing while no process has opened it. */
  all<T>(sql: string, ...parameters: (string | number | null)[]): T[] {
    if (!this.#opened) return [];
    return this.#db.query(sql).all(...parameters) as T[];
  }

  run(sql: string, ...parameters: (string | number | null)[]): void {
    if (!this.#opened) return;
    this.#db.query(sql).run(...parameters);
  }

  close(): void {
    this.#db.close();
  }

  #replace(db: Database): void {
    this.#db.close();
    this.#db = db;
    this.#unflushed = [];
    this.#depth = 0;
    this.#opened = false;
  }

  /** What of bun:sqlite the journal uses, with the process's end and failing writes in it. */
  #seenBy(life: Life): Database {
    const db = this.#db;
    const statements = new Map<string, object>();
    const query = (sql: string) => {
      life.step('journal');
      const known = statements.get(sql);
      if (known) return known;
      const statement = db.query(sql);
      const seen = {
        all: (...values: never[]) => statement.all(...values),
        get: (...values: never[]) => statement.get(...values),
        run: (...values: never[]) => this.#commit(life, () => statement.run(...values)),
      };
      statements.set(sql, seen);
      return seen;
    };
    const transaction = (run: () => unknown) => {
      const inner = db.transaction(run);
      const immediate = () => this.#commit(life, () => inner.immediate());
      return Object.assign(immediate, { immediate });
    };
    const run = (sql: string) => {
      if (sql.startsWith('PRAGMA synchronous')) this.#full = sql.endsWith('FULL');
      else db.run(sql);
    };
    return { query, transaction, run, close: () => {} } as unknown as Database;
  }

  /** Does what ends in a commit, unless it stands inside another. Throws Ended. */
  #commit<T>(life: Life, act: () => T): T {
    if (this.#depth > 0) return act();
    if (this.failing) throw Object.assign(new Error(this.failing), { code: this.failing });
    const back = this.#unflushed.length;
    if (this.inPeril && !this.#full && (back === 0 || life.world.random.chance(0.5 / back))) {
      this.#unflushed.push(this.#db.serialize());
    }
    this.#depth++;
    let result: T;
    try {
      result = act();
    } finally {
      this.#depth--;
    }
    if (this.#full) this.#unflushed = [];
    life.step('journal-committed');
    return result;
  }
}
