import type { Database } from 'bun:sqlite';
import type { Centre } from './centre.ts';
import { type Platter, spoolPath } from './simulated-disk.ts';
import type { JournalFile } from './simulated-journal.ts';
import type { World } from './world.ts';

/**
 * What must hold. At all times: a photo goes from state to state in its order; VERIFIED means the
 * centre's own receipt for it; bytes of an acknowledged photo go only when the centre has them, or
 * when a policy has given the photo up and the centre knows. In the end, the ledger: acknowledged =
 * at the centre ∪ kept here by a policy ∪ given up by one. What the centre has lost is there again
 * where its bytes still lie here.
 */

/** As in forward/forwarder.ts; and what came again after it had gone. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  // Queued at once, without bytes: a start found its sidecar alone, and the centre is asked.
  spooled: ['judged', 'rejected_kept', 'queued'],
  rejected_kept: ['judged', 'resolved', 'spooled'],
  resolved: ['spooled'],
  judged: ['queued', 'uploading', 'spooled'],
  queued: ['uploading', 'spooled'],
  uploading: ['queued', 'stored', 'spooled'],
  stored: ['verified', 'queued', 'spooled'],
  verified: ['evicted', 'spooled', 'queued'],
  evicted: ['spooled'],
};

const ALLOWED = Object.entries(ORDER)
  .flatMap(([from, next]) => [from, ...next].map((to) => `${from}>${to}`))
  .join(' ');

/** A list after IN would become a table of its own at each change. */
const WATCH = `
CREATE TEMP TABLE IF NOT EXISTS watched (sha256 TEXT, wrong TEXT);
CREATE TEMP TRIGGER IF NOT EXISTS order_of_states AFTER UPDATE OF state ON photos
WHEN instr(' ${ALLOWED} ', ' ' || old.state || '>' || new.state || ' ') = 0
  OR (old.state = 'spooled' AND new.state = 'queued' AND new.in_spool = 1)
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
  /** Photos that a policy has given up, with all that belongs to that. */
  readonly givenUp = new Set<string>();
  #parts: Parts | null = null;

  use(parts: Parts): void {
    this.#parts = parts;
  }

  acknowledged(sha256: string, bytes: Buffer, sightingId: string | null): void {
    const entry = this.ledger.get(sha256) ?? { bytes, sightings: new Set<string>() };
    if (sightingId) entry.sightings.add(sightingId);
    this.ledger.set(sha256, entry);
    // What came again in place of spoilt bytes is a photo like any other.
    if (this.#need().platter.file(spoolPath(sha256))?.bytes.equals(bytes)) {
      this.rotten.delete(sha256);
    }
  }

  watch(db: Database): void {
    db.run(WATCH);
  }

  /** Called before a file goes. */
  removing(path: string): void {
    const sha256 = /\/spool\/..\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (!sha256 || !this.ledger.has(sha256)) return;
    const { centre, journal } = this.#need();
    if (this.#atCentre(sha256) || centre.lost.has(sha256)) return;
    const acts = journal.all(
      `SELECT 1 FROM photos JOIN policy_actions USING (sha256)
        WHERE sha256 = ? AND state = 'resolved' AND action = 'resolved'`,
      sha256,
    );
    if (acts.length > 0 && centre.standIns.has(sha256)) this.givenUp.add(sha256);
    else if (!this.rotten.has(sha256))
      this.violate(`${sha256} is removed before the centre has it`);
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
      else if (receipt === null || !centre.hasSigned(sha256, receipt)) {
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
      if (!settled && !this.#accountedFor(sha256)) return sha256;
    }
    return null;
  }

  /** The ledger, at the end. */
  settle(): void {
    this.check();
    const { journal, platter, centre } = this.#need();
    for (const [sha256, { bytes, sightings }] of this.ledger) {
      const held = centre.bytesOf(sha256);
      if (held && !held.equals(bytes)) this.violate(`${sha256} has other bytes at the centre`);
      const known = centre.photos.get(sha256)?.sightings;
      const missing = [...sightings].filter((id) => !known?.has(id));
      if ((held && missing.length === 0) || this.#accountedFor(sha256)) continue;
      const [row] = journal.all<{ state: string; parked: string | null }>(
        'SELECT state, parked, last_error, due_at, attempts FROM photos WHERE sha256 = ?',
        sha256,
      );
      const file = platter.file(spoolPath(sha256));
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
    return bytes !== undefined && this.#need().centre.bytesOf(sha256)?.equals(bytes) === true;
  }

  /** Elsewhere than at the centre, and rightly so. */
  #accountedFor(sha256: string): boolean {
    const { journal, platter, centre } = this.#need();
    const [row] = journal.all<{ state: string; quarantine: string | null }>(
      'SELECT state, quarantine FROM photos WHERE sha256 = ?',
      sha256,
    );
    const file = platter.file(spoolPath(sha256));
    const whole = file?.bytes.equals(this.ledger.get(sha256)!.bytes) === true;
    if (row?.state === 'rejected_kept') return whole || this.rotten.has(sha256);
    if (this.givenUp.has(sha256)) return !whole;
    // Bytes that the disk has changed are said to be so, and kept for people to look at.
    const aside = platter.paths('/edge/broken').some((path) => path.includes(sha256));
    if (this.rotten.has(sha256)) return aside || (row !== undefined && row.quarantine !== null);
    return centre.lost.has(sha256) && !whole;
  }

  #need(): Parts {
    if (!this.#parts) throw new Error('the oracle knows no parts yet');
    return this.#parts;
  }
}
