/**
 * The embedded database: PGlite with PostGIS behind a socket, in a process of its own.
 *
 *   bun cli/src/embedded/postgres-main.ts FOLDER
 *
 * Prints one line on stdout when it answers: {"ready":true,"url":"postgresql://…"}.
 * SIGTERM and SIGINT: no new queries, checkpoint, close, exit 0.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { acquireFileLock } from '@demeter/common/file-lock';
import { PGlite } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** Core, admin and doctor share one session; the socket server queues their queries. */
const CONNECTIONS_MAX = 20;

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: postgres-main.ts FOLDER');
mkdirSync(folder, { recursive: true });

// PGlite has no lock of its own: two programs on one folder would destroy it.
const locked = acquireFileLock(join(folder, 'lock'));
if (locked.lock === null) {
  console.error(`another process${locked.holder ? ` (${locked.holder})` : ''} works on ${folder}`);
  process.exit(1);
}

const db = await PGlite.create({ dataDir: join(folder, 'pglite'), extensions: { postgis } });
const server = new PGLiteSocketServer({
  db,
  host: '127.0.0.1',
  port: 0,
  maxConnections: CONNECTIONS_MAX,
});
await server.start();

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());

const address = server.getServerConn();
console.log(JSON.stringify({ ready: true, url: `postgresql://postgres@${address}/postgres` }));

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await server.stop();
  await db.close();
  process.exit(0);
}
