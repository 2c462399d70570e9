import type { Database } from 'bun:sqlite';
import type { Centre } from './centre.ts';
import type { Platter } from './simulated-disk.ts';
import type { JournalFile } from './simulated-journal.ts';
import type { World } from './world.ts';

/**
 * What must hold. At all times: a photo goes from state to state in its order; VERIFIED means the
 * centre's own receipt for it; bytes of an acknowledged photo go only when the centre has them. In
 * the end, the ledger: acknowledged = at the centre ∪ held here ∪ resolved by a counted policy.
 */

/** As in forward/forwarder.ts; and what came again after it had gone. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  // Queued at once: a start found its sidecar and no bytes, and the centre is asked.
  spooled: ['judged', 'queued'],
  judged: ['queued', 'uploading', 'spooled'],
  queued: ['uploading', 'spooled'],
  uploading: ['queued', 'stored', 'spooled'],
  stored: ['verified', 'queued', 'spooled'],
  verified: ['evicted', 'spooled', 'queued'],
  evicted: ['spooled'],
};

const ALLOWED = Object.entries(ORDER)
  .flatMap(([from, next]) => [from, ...next].map((to) => `'${from}>${to}'`))
  .join(',');

const WATCH = `
CREATE TEMP TABLE IF NOT EXISTS watched (sha256 TEXT, wrong TEXT);
CREATE TEMP TRIGGER IF NOT EXISTS order_of_states AFTER UPDATE OF state ON photos
WHEN old.state || '>' || new.state NOT IN (${ALLOWED})
BEGIN INSERT INTO watched VALUES (new.sha256, old.state || '>' || new.state); END;
CREATE TEMP TRIGGER IF NOT EXISTS receipts AFTER UPDATE OF receipt, state ON photos
WHEN new.state IN ('verified', 'evicted')
BEGIN INSERT INTO watched VALUES (new.sha256, NULL); END;
`;

export interface Acknowledged {
  readonly bytes: Buffer;
  readonly sightings: Set<string>;
}

interface Parts {
  readonly world: World;
  readonly centre: Centre;
  readonly journal: JournalFile;
  readonly platter: Platter;
}

export class Oracle {
  readonly violations: string[] = [];
  /** What cameras may have forgotten, by hash. */
  readonly ledger = new Map<string, Acknowledged>();
  /** Photos of which the disk has changed bytes. */
  readonly rotten = new Set<string>();
  #parts: Parts | null = null;

  use(parts: Parts): void {
    this.#parts = parts;
  }

  acknowledged(sha256: string, bytes: Buffer, sightingId: string | null): void {
    const entry = this.ledger.get(sha256) ?? { bytes, sightings: new Set<string>() };
    if (sightingId) entry.sightings.add(sightingId);
    this.ledger.set(sha256, entry);
  }

  watch(db: Database): void {
    db.run(WATCH);
  }

  /** Called before a file goes. */
  removing(path: string): void {
    const sha256 = /\/spool\/..\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (!sha256 || !this.ledger.has(sha256) || this.rotten.has(sha256)) return;
    if (!this.#atCentre(sha256)) this.violate(`${sha256} is removed before the centre has it`);
  }

  /** What the triggers have seen since the last time. */
  check(): void {
    const { journal, centre } = this.#need();
    const seen = journal.all<{ sha256: string; wrong: string | null; receipt: string | null }>(
      `SELECT DISTINCT watched.sha256, wrong, receipt, state FROM watched
       LEFT JOIN photos USING (sha256)`,
    );
    if (seen.length > 0) journal.run('DELETE FROM watched');
    for (const { sha256, wrong, receipt } of seen) {
      if (wrong) this.violate(`${sha256} goes ${wrong}`);
      else if (receipt === null || centre.photos.get(sha256)?.receipt !== receipt) {
        const row = journal.all<{ state: string }>(
          "SELECT state FROM photos WHERE sha256 = ? AND state IN ('verified','evicted')",
          sha256,
        );
        if (row.length > 0) this.violate(`${sha256} is verified without the centre's receipt`);
      }
    }
  }

  /** Null: everything acknowledged is where it belongs. Else what is not there yet. */
  outstanding(): string | null {
    for (const [sha256, { sightings }] of this.ledger) {
      const held = this.#need().centre.photos.get(sha256);
      const settled =
        this.#atCentre(sha256) && [...sightings].every((id) => held?.sightings.has(id));
      if (!settled && !this.#resolved(sha256)) return sha256;
    }
    return null;
  }

  /** The ledger, at the end. */
  settle(): void {
    this.check();
    const { journal, platter, centre } = this.#need();
    for (const [sha256, { bytes, sightings }] of this.ledger) {
      const held = centre.photos.get(sha256);
      if (held && !held.bytes.equals(bytes))
        this.violate(`${sha256} has other bytes at the centre`);
      const missing = [...sightings].filter((id) => !held?.sightings.has(id));
      if ((held && missing.length === 0) || this.#resolved(sha256)) continue;
      const [row] = journal.all<{ state: string; parked: string | null }>(
        'SELECT state, parked, last_error, due_at, attempts FROM photos WHERE sha256 = ?',
        sha256,
      );
      const file = platter.file(`/edge/spool/${sha256.slice(0, 2)}/${sha256}`);
      const here = file ? (file.bytes.equals(bytes) ? 'whole' : 'changed') : 'gone';
      const there = held ? `lacks sightings ${missing.join(' ')}` : 'has nothing';
      this.violate(`${sha256}: ${JSON.stringify(row ?? null)}, bytes ${here}; the centre ${there}`);
    }
  }

  violate(what: string): void {
    this.#parts?.world.note(`VIOLATION ${what}`);
    this.violations.push(what);
  }

  #atCentre(sha256: string): boolean {
    const bytes = this.ledger.get(sha256)?.bytes;
    return (
      bytes !== undefined && this.#need().centre.photos.get(sha256)?.bytes.equals(bytes) === true
    );
  }

  /** Bytes that the disk has changed are said to be so, and kept for people to look at. */
  #resolved(sha256: string): boolean {
    if (!this.rotten.has(sha256)) return false;
    const { journal, platter } = this.#need();
    const [row] = journal.all<{ quarantine: string | null }>(
      'SELECT quarantine FROM photos WHERE sha256 = ?',
      sha256,
    );
    const aside = platter.paths('/edge/broken').some((path) => path.includes(sha256));
    return aside || (row !== undefined && row.quarantine !== null);
  }

  #need(): Parts {
    if (!this.#parts) throw new Error('the oracle knows no parts yet');
    return this.#parts;
  }
}
