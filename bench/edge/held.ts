import { Database } from 'bun:sqlite';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../statistics.ts';
import type { MakePhoto } from './accepting.ts';
import { accept, type RunningEdge, residentMb, settled, startEdge } from './running-edge.ts';

/** Tiny files: a start looks at names and sizes, and what is inside does not count. */
const BYTES = 64;

/** What a box is like that holds this many photos: its start, its memory, its accepts. */
export async function holding(
  photos: number,
  folder: string,
  beside: RunningEdge,
  makePhoto: MakePhoto,
  pairs: number,
) {
  const data = join(folder, 'full');
  const first = await startEdge(data);
  // Columns and indexes are the edge's own.
  await accept(first, makePhoto());
  await settled(first, 'spooled');
  await first.stop();
  fill(data, photos);
  // What a box holds has long been flushed: writing it out is none of the start's work.
  await Bun.$`sync -f ${data}`;
  const edge = await startEdge(data);
  // What the start read is given back before memory is looked at.
  await accept(edge, makePhoto());
  const times = { full: [] as number[], empty: [] as number[] };
  for (let pair = 0; pair < pairs; pair++) {
    const photo = makePhoto();
    const turns = [
      async () => times.full.push(await accept(edge, photo)),
      async () => times.empty.push(await accept(beside, photo)),
    ];
    for (const turn of pair % 2 === 0 ? turns : turns.reverse()) {
      await turn();
      await Promise.all([settled(edge, 'spooled'), settled(beside, 'spooled')]);
    }
  }
  const result = {
    startS: edge.startS,
    emptyStartS: beside.startS,
    rssMb: residentMb(edge),
    ratio: median(times.full) / median(times.empty),
  };
  await edge.stop();
  rmSync(data, { recursive: true, force: true });
  return result;
}

/** Photos as accepts and verdicts left them: bytes, sidecars and rows like the one that is there. */
function fill(data: string, photos: number): void {
  const db = new Database(join(data, 'journal.sqlite'), { strict: true });
  const columns = (table: string, changes: Readonly<Record<string, string>>) => {
    const names = (db.query(`PRAGMA table_info(${table})`).all() as { name: string }[]).map(
      ({ name }) => name,
    );
    const values = names.map((name) => changes[name] ?? name).join(', ');
    return `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values} FROM ${table}
      WHERE rowid = 1`;
  };
  const at = 'accepted_at - 3600000 - ?2';
  const photo = db.query(
    columns('photos', { sha256: '?1', size_bytes: String(BYTES), accepted_at: at, checked_at: at }),
  );
  const sighting = db.query(columns('sightings', { id: '?3', sha256: '?1', accepted_at: at }));
  const { sighting: sidecar } = db.query('SELECT sighting FROM sightings').get() as {
    sighting: string;
  };
  const bytes = Buffer.alloc(BYTES);
  db.transaction(() => {
    for (let n = 0; n < photos; n++) {
      const sha256 = createHash('sha256').update(String(n)).digest('hex');
      const id = `01J${String(n).padStart(23, '0')}`;
      const path = join(data, 'spool', sha256.slice(0, 2), sha256);
      writeFileSync(path, bytes);
      writeFileSync(`${path}.${id}.json`, sidecar);
      photo.run(sha256, n * 1_000);
      sighting.run(sha256, n * 1_000, id);
    }
  })();
  db.close();
}
