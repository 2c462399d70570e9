import type { Journal } from '../buffer/journal.ts';

/** What a phone said of a photo when it began to send it. */
export interface UploadClaims {
  readonly fileName: string | null;
  /** RFC 3339 UTC: when the phone wrote the file. */
  readonly capturedAt: string | null;
  readonly locationCode: string | null;
  /** Hex; the photo is refused if its bytes have another. */
  readonly expectedSha256: string | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

/** A row of `uploads`; times are UTC milliseconds. */
export interface UploadRow {
  readonly id: string;
  /** Device that sends it. */
  readonly device: string;
  readonly size_bytes: number;
  /** Bytes that are on the disk for certain. */
  readonly offset_bytes: number;
  /** JSON of UploadClaims. */
  readonly metadata: string;
  readonly begun_at: number;
  /** The photo, once it was accepted; its bytes are in the spool then. */
  readonly sha256: string | null;
}

/** The journal's table of uploads. */
export class UploadRows {
  constructor(private readonly journal: Journal) {}

  add(row: Omit<UploadRow, 'offset_bytes' | 'sha256'>): void {
    this.journal.run(
      'INSERT INTO uploads (id, device, size_bytes, metadata, begun_at) VALUES (?, ?, ?, ?, ?)',
      row.id,
      row.device,
      row.size_bytes,
      row.metadata,
      row.begun_at,
    );
  }

  get(id: string): UploadRow | null {
    const [row] = this.journal.all<UploadRow>('SELECT * FROM uploads WHERE id = ?', id);
    return row ?? null;
  }

  all(): UploadRow[] {
    return this.journal.all<UploadRow>('SELECT * FROM uploads');
  }

  setOffset(id: string, bytes: number): void {
    this.journal.run('UPDATE uploads SET offset_bytes = ? WHERE id = ?', bytes, id);
  }

  setAccepted(id: string, sha256: string): void {
    this.journal.run('UPDATE uploads SET sha256 = ? WHERE id = ?', sha256, id);
  }

  remove(id: string): void {
    this.journal.run('DELETE FROM uploads WHERE id = ?', id);
  }

  openCount(device: string): number {
    const [row] = this.journal.all<{ open: number }>(
      'SELECT count(*) AS open FROM uploads WHERE device = ? AND sha256 IS NULL',
      device,
    );
    return row?.open ?? 0;
  }
}

/** Bytes that uploads which have begun will take: the quota counts them as if they were here. */
export function openUploadBytes(journal: Journal): number {
  const [row] = journal.all<{ bytes: number }>(
    'SELECT coalesce(sum(size_bytes), 0) AS bytes FROM uploads WHERE sha256 IS NULL',
  );
  return row?.bytes ?? 0;
}
