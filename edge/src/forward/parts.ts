import { createHash } from 'node:crypto';
import type { Clock } from '@demeter/common/clock';
import { Type } from '@sinclair/typebox';
import type { Journal, PhotoRow } from '../buffer/journal.ts';
import { type CoreClient, PutGrant, type UploadGrant } from './core-client.ts';
import { PhotoFailure, Refusal } from './failures.ts';

/**
 * Large photos in parts (docs/protocols.md). What has arrived the store knows, and the core asks
 * it; the journal keeps what the parts are, how often each was sent and when it was through, so
 * that after a crash or a cut link only what is missing is sent.
 */

const MissingAnswer = Type.Object({
  missing: Type.Array(Type.Object({ number: Type.Integer(), grant: PutGrant })),
});
const CompleteAnswer = Type.Object({ state: Type.Literal('stored') });
/** Grants live for an hour; on a slow link they are asked for anew before they end. */
const GRANTS_MS = 45 * 60_000;

export interface PartRow {
  readonly number: number;
  readonly size_bytes: number;
  readonly part_sha256: string;
  readonly sends: number;
  readonly arrived_at: number | null;
}

export interface PartSending {
  readonly journal: Journal;
  readonly core: Pick<CoreClient, 'ask'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** The bytes of the photo from its beginning, anew at each call. */
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
  readonly put: (
    grant: PutGrant,
    open: () => Promise<AsyncIterable<Uint8Array>>,
  ) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/**
 * Sends what is missing and has the parts joined. Throws DestinationFailure, PhotoFailure
 * (`bytes_changed`: the photo's own bytes are others than its name; `grant_refused`), Refusal.
 */
export async function sendParts(
  row: Pick<PhotoRow, 'sha256' | 'size_bytes'>,
  upload: UploadGrant,
  sending: PartSending,
): Promise<void> {
  const { core, signal, journal } = sending;
  const { sha256, size_bytes } = row;
  const parts = await knownParts(row, upload, sending);
  try {
    let before = Number.POSITIVE_INFINITY;
    for (let missing = await ask(); missing.length > 0; missing = await ask()) {
      // What is put and does not arrive would be put for ever.
      if (missing.length >= before) {
        throw new PhotoFailure('grant_refused', 'parts that were put have not arrived');
      }
      before = missing.length;
      await sendMissing(missing);
    }
    const path = `edge/uploads/${sha256}/complete`;
    await core.ask(path, CompleteAnswer, signal, { upload_id: upload.id, size_bytes });
  } catch (error) {
    // The store has dropped the upload: the next try begins another.
    if (error instanceof Refusal && error.code === 'NOT_FOUND') forgetParts(journal, sha256);
    throw error;
  }

  async function ask() {
    const body = {
      upload_id: upload.id,
      parts: parts.map(({ number, size_bytes, part_sha256 }) => ({
        number,
        size_bytes,
        sha256: part_sha256,
      })),
    };
    const path = `edge/uploads/${sha256}/parts`;
    return (await core.ask(path, MissingAnswer, signal, body)).missing;
  }

  async function sendMissing(missing: Awaited<ReturnType<typeof ask>>) {
    const askedAt = sending.clock.monotonic();
    for (const { number, grant } of missing) {
      const part = parts[number - 1];
      if (!part || sending.clock.monotonic() - askedAt > GRANTS_MS) return;
      const start = (number - 1) * upload.part_bytes;
      journal.note(() => noteSend(journal, sha256, number));
      const open = async () => slice(await sending.open(), start, part.size_bytes);
      await sending.put(grant, open);
      journal.note(() => noteArrival(journal, sha256, number, sending.clock.now()));
    }
  }
}

/** The parts as journalled for this upload, or cut, hashed and journalled now. */
async function knownParts(
  { sha256 }: Pick<PhotoRow, 'sha256'>,
  upload: UploadGrant,
  { journal, clock, open }: PartSending,
): Promise<PartRow[]> {
  const known = journal.all(
    'SELECT 1 FROM part_uploads WHERE sha256 = ? AND upload_id = ? AND part_bytes = ?',
    sha256,
    upload.id,
    upload.part_bytes,
  );
  if (known.length === 0) {
    const cut = await cutParts(await open(), upload.part_bytes);
    if (cut.sha256 !== sha256) {
      throw new PhotoFailure('bytes_changed', 'the bytes of this photo have changed on this box');
    }
    journal.transaction(() => {
      forgetParts(journal, sha256);
      journal.run(
        'INSERT INTO part_uploads (sha256, upload_id, part_bytes, begun_at) VALUES (?, ?, ?, ?)',
        sha256,
        upload.id,
        upload.part_bytes,
        clock.now(),
      );
      for (const part of cut.parts) {
        journal.run(
          'INSERT INTO parts (sha256, number, size_bytes, part_sha256) VALUES (?, ?, ?, ?)',
          sha256,
          part.number,
          part.size_bytes,
          part.part_sha256,
        );
      }
    });
  }
  return partsOf(journal, sha256);
}

export function partsOf(journal: Journal, sha256: string): PartRow[] {
  return journal.all<PartRow>(
    `SELECT number, size_bytes, part_sha256, sends, arrived_at FROM parts
     WHERE sha256 = ? ORDER BY number`,
    sha256,
  );
}

/** After the photo has arrived as a whole, or its upload is gone. */
export function forgetParts(journal: Journal, sha256: string): void {
  journal.run('DELETE FROM part_uploads WHERE sha256 = ?', sha256);
}

function noteSend(journal: Journal, sha256: string, number: number): void {
  journal.run('UPDATE parts SET sends = sends + 1 WHERE sha256 = ? AND number = ?', sha256, number);
}

function noteArrival(journal: Journal, sha256: string, number: number, at: number): void {
  const sql = 'UPDATE parts SET arrived_at = ? WHERE sha256 = ? AND number = ?';
  journal.run(sql, at, sha256, number);
}

async function cutParts(body: AsyncIterable<Uint8Array>, partBytes: number) {
  const whole = createHash('sha256');
  const parts: Pick<PartRow, 'number' | 'size_bytes' | 'part_sha256'>[] = [];
  let part = createHash('sha256');
  let size = 0;
  const end = () => {
    const number = parts.length + 1;
    parts.push({ number, size_bytes: size, part_sha256: part.digest('hex') });
    part = createHash('sha256');
    size = 0;
  };
  for await (const chunk of body) {
    whole.update(chunk);
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + partBytes - size);
      part.update(piece);
      size += piece.length;
      at += piece.length;
      if (size === partBytes) end();
    }
  }
  if (size > 0) end();
  return { parts, sha256: whole.digest('hex') };
}

/** Bytes from `start` on. What lies before is read over: it comes from this box's own disk. */
async function* slice(body: AsyncIterable<Uint8Array>, start: number, bytes: number) {
  let at = 0;
  for await (const chunk of body) {
    const from = Math.max(0, start - at);
    const piece = chunk.subarray(from, Math.max(from, start + bytes - at));
    at += chunk.length;
    if (piece.length > 0) yield piece;
    if (at >= start + bytes) return;
  }
}
