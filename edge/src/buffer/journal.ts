import { Database, type Statement } from 'bun:sqlite';
import type { Position } from '../cameras.ts';
import type { Verdict } from '../judge/verdict.ts';
import { bringUpToDate } from './journal-schema.ts';
import type { CapturedAtSource, Sidecar, Sighting } from './sidecar.ts';
import { prepared } from './statements.ts';

/**
 * What happened to each photo, in SQLite: one writer, WAL, every commit flushed (synchronous FULL).
 * Rows stay after the bytes have gone, so that a photo sent again is known.
 */

export const PHOTO_STATES = [
  'spooled',
  'judged',
  'queued',
  'uploading',
  'stored',
  'verified',
  'evicted',
  // Beside the way: kept back by a policy, and given up by it.
  'rejected_kept',
  'resolved',
] as const;
export type PhotoState = (typeof PHOTO_STATES)[number];

/** Whether the bytes have left this box, by the janitor. */
export function isGone(state: PhotoState): boolean {
  return state === 'evicted' || state === 'resolved';
}

/** A row of `photos`; times are UTC milliseconds. */
export interface PhotoRow {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
  readonly width: number;
  readonly height: number;
  readonly state: PhotoState;
  readonly camera: string;
  readonly correlation_id: string;
  readonly traceparent: string | null;
  readonly accepted_at: number;
  /** JSON of a Verdict; null: not judged, or the judge was out of order. */
  readonly verdict: string | null;
  /** Why the photo is quarantined, in words; it is kept and forwarded all the same. */
  readonly quarantine: string | null;
  /** Hex of the perceptual hash. */
  readonly phash: string | null;
  readonly exif: string | null;
  readonly judge_crashes: number;
  readonly lane: number;
  readonly attempts: number;
  readonly due_at: number;
  /** Code of a refusal that will not pass by itself; tried again slowly. */
  readonly parked: string | null;
  readonly last_error: string | null;
  readonly receipt: string | null;
  readonly verified_at: number | null;
  readonly evicted_at: number | null;
  /** 1 while the spool holds the bytes. */
  readonly in_spool: number;
  /** When the copy in the local store was read back and found equal; null: there is none. */
  readonly buffered_at: number | null;
  /** When a comparison after the receipt found the photo at the centre; null: not yet. */
  readonly reconciled_at: number | null;
  /** JSON of the AppliedPolicy (policy/apply.ts); null: not judged yet. */
  readonly policy: string | null;
  /** Until then the policy keeps the bytes here; null: for as long as others do. */
  readonly keep_until: number | null;
  /** When the centre took note of a photo that stays here. */
  readonly stood_in_at: number | null;
  readonly resolved_at: number | null;
  /** When the spool's bytes were last hashed and found to be the photo's; null: nobody knows. */
  readonly checked_at: number | null;
}

/** What EXIF says; `captured_at_local` has no zone. */
export interface ExifFacts {
  readonly captured_at: string | null;
  readonly captured_at_local: string | null;
  readonly position: Position | null;
  /** EXIF orientation 1–8. */
  readonly orientation: number | null;
  /** Exposure time in seconds; absent in rows of earlier versions. */
  readonly exposure_s?: number | null;
}

export interface SightingRow {
  readonly id: string;
  readonly sha256: string;
  readonly camera: string;
  readonly accepted_at: number;
  readonly captured_at: string | null;
  readonly captured_at_source: CapturedAtSource;
  /** JSON of the Sighting as in its sidecar. */
  readonly sighting: string;
  readonly registered_at: number | null;
  /** Code with which the core refused this sighting for good, e.g. LOCATION_CONFLICT. */
  readonly refused: string | null;
}

/** A person's change beside the edge takes milliseconds; a slow disk some more. */
const BUSY_MS = 5_000;

/** Moments of the journal's own. */
export type MomentName = 'checkpoint' | 'copies_known';

/** SQLite opens the file and finds its contents spoilt. */
export class JournalDamaged extends Error {}

export class Journal {
  readonly #db: Database;

  private constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Opens or creates the file. Throws what SQLite throws for one that is no journal, and
   * SCHEMA_UNKNOWN for one of a newer program.
   */
  static open(path: string): Journal {
    const db = new Database(path, { create: true, strict: true });
    db.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    db.run('PRAGMA journal_mode = WAL');
    db.run('PRAGMA synchronous = FULL');
    return Journal.over(db);
  }

  /** Over a database that is open already. */
  static over(db: Database): Journal {
    bringUpToDate(db);
    db.run('PRAGMA foreign_keys = ON');
    return new Journal(db);
  }

  /** For a person's single change beside a running edge, which waits for it as it for the edge. */
  static openBeside(path: string): Journal {
    const db = new Database(path, { create: false, readwrite: true, strict: true });
    db.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    db.run('PRAGMA synchronous = FULL');
    db.run('PRAGMA foreign_keys = ON');
    return new Journal(db);
  }

  /** For looking at it beside a running edge. */
  static openReadOnly(path: string): Journal {
    return new Journal(new Database(path, { readonly: true, strict: true }));
  }

  /** Throws if SQLite finds the file damaged. */
  requireIntegrity(): void {
    const rows = this.#all<{ integrity_check: string }>('PRAGMA integrity_check');
    if (rows[0]?.integrity_check !== 'ok') throw new JournalDamaged('the journal is damaged');
  }

  /** One transaction, flushed before it returns. */
  transaction<T>(run: () => T): T {
    return this.#db.transaction(run).immediate();
  }

  /**
   * One transaction whose flush the next one to be flushed brings with it: a power cut may take it
   * back, with all that came after and never only a part of it. For what a start makes again.
   */
  note<T>(run: () => T): T {
    this.#db.run('PRAGMA synchronous = NORMAL');
    try {
      return this.transaction(run);
    } finally {
      this.#db.run('PRAGMA synchronous = FULL');
    }
  }

  /** Moves what was committed from the log into the file, both flushed; `now` becomes the moment of it. */
  checkpoint(now: number): void {
    this.#db.run('PRAGMA wal_checkpoint(PASSIVE)');
    this.setMoment('checkpoint', now);
  }

  /** UTC milliseconds that were noted under this name; null: never. */
  moment(name: MomentName): number | null {
    return this.#one<{ at: number }>('SELECT at FROM moments WHERE name = ?', name)?.at ?? null;
  }

  setMoment(name: MomentName, at: number): void {
    this.note(() => this.run('INSERT OR REPLACE INTO moments (name, at) VALUES (?, ?)', name, at));
  }

  close(): void {
    this.#db.run('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#db.close();
  }

  closeReader(): void {
    this.#db.close();
  }

  photo(sha256: string): PhotoRow | null {
    return this.#one<PhotoRow>('SELECT * FROM photos WHERE sha256 = ?', sha256);
  }

  sightings(sha256: string): SightingRow[] {
    return this.#all<SightingRow>('SELECT * FROM sightings WHERE sha256 = ? ORDER BY id', sha256);
  }

  hasSighting(id: string): boolean {
    return this.#one('SELECT 1 FROM sightings WHERE id = ?', id) !== null;
  }

  /** A photo whose bytes have just got their name, or have come again after they were evicted. */
  addPhoto({ photo, sighting }: Sidecar): void {
    this.#query(
      `INSERT INTO photos (sha256, size_bytes, media_type, width, height, state, camera,
           correlation_id, traceparent, accepted_at, checked_at)
         VALUES (?, ?, ?, ?, ?, 'spooled', ?, ?, ?, ?9, ?9)
         ON CONFLICT (sha256) DO UPDATE SET state = 'spooled', in_spool = 1, buffered_at = NULL,
           checked_at = excluded.checked_at, quarantine = NULL,
           attempts = 0, due_at = 0, parked = NULL, last_error = NULL, evicted_at = NULL,
           policy = NULL, keep_until = NULL, stood_in_at = NULL, resolved_at = NULL,
           reconciled_at = NULL`,
    ).run(
      photo.sha256,
      photo.size_bytes,
      photo.media_type,
      photo.width,
      photo.height,
      sighting.camera,
      sighting.correlation_id,
      sighting.traceparent,
      Date.parse(sighting.accepted_at),
    );
  }

  addSighting(sha256: string, sighting: Sighting): void {
    this.#query(
      `INSERT INTO sightings (id, sha256, camera, accepted_at, captured_at, captured_at_source,
           sighting) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      sighting.id,
      sha256,
      sighting.camera,
      Date.parse(sighting.accepted_at),
      sighting.captured_at,
      sighting.captured_at_source,
      JSON.stringify(sighting),
    );
  }

  /** Sets columns of one photo. Names come from the code, never from a request. */
  update(sha256: string, changes: Partial<Omit<PhotoRow, 'sha256'>>): void {
    const names = Object.keys(changes);
    const sets = names.map((name) => `${name} = ?`).join(', ');
    this.#query(`UPDATE photos SET ${sets} WHERE sha256 = ?`).run(
      ...(Object.values(changes) as (string | number | null)[]),
      sha256,
    );
  }

  settleSighting(id: string, at: number, refused: string | null): void {
    const column = refused === null ? 'registered_at' : 'refused';
    this.#query(`UPDATE sightings SET ${column} = ? WHERE id = ?`).run(refused ?? at, id);
  }

  /** Bytes on this box: in the spool and in the local store beside it. */
  heldBytes(): number {
    const row = this.#one<{ bytes: number }>(
      'SELECT coalesce(sum(held_bytes), 0) AS bytes FROM tallies',
    );
    return row?.bytes ?? 0;
  }

  /** Photos whose state is one of these, oldest first. */
  inState(states: readonly PhotoState[], limit: number): PhotoRow[] {
    return this.#all<PhotoRow>(
      `SELECT * FROM photos WHERE state IN (${states.map(() => '?').join(',')})
       ORDER BY accepted_at LIMIT ?`,
      ...states,
      limit,
    );
  }

  /** A free query of this part's own modules; `sql` is never built from a request's text. */
  all<T>(sql: string, ...parameters: (string | number | null)[]): T[] {
    return this.#all<T>(sql, ...parameters);
  }

  run(sql: string, ...parameters: (string | number | null)[]): number {
    return this.#query(sql).run(...parameters).changes;
  }

  #query(sql: string): Statement {
    return prepared(this.#db, sql);
  }

  #all<T>(sql: string, ...parameters: (string | number | null)[]): T[] {
    return this.#query(sql).all(...parameters) as T[];
  }

  #one<T>(sql: string, ...parameters: (string | number | null)[]): T | null {
    return (this.#query(sql).get(...parameters) as T | undefined) ?? null;
  }
}

export function verdictOf(row: Pick<PhotoRow, 'verdict'>): Verdict | null {
  return row.verdict === null ? null : (JSON.parse(row.verdict) as Verdict);
}

export function exifOf(row: Pick<PhotoRow, 'exif'>): ExifFacts | null {
  return row.exif === null ? null : (JSON.parse(row.exif) as ExifFacts);
}

export function sightingOf(row: Pick<SightingRow, 'sighting'>): Sighting {
  return JSON.parse(row.sighting) as Sighting;
}
