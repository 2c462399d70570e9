import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejection } from '@demeter/common/testing';
import { SQL } from 'bun';
import { startPostgres } from './start-postgres.ts';

// PGlite's first start takes 5–8 s, and more on a busy machine.
setDefaultTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'demeter-embedded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = () =>
  startPostgres(join(folder, 'db'), { env: process.env, logFile: join(folder, 'db.log') });

test('has PostGIS, refuses a second program on its folder, and keeps what it answered for', async () => {
  const first = await start();
  const sql = new SQL(first.url, { max: 1 });
  await sql`create extension postgis`;
  await sql`create table harvest (place geometry(Point, 4326))`;
  await sql`insert into harvest values (ST_SetSRID(ST_MakePoint(-70.5, -33.4), 4326))`;

  expect(String(await rejection(start()))).toContain(`(${first.child.pid}) works on`);

  await first.child.kill();
  await sql.close().catch(() => {});
  const second = await start();
  const again = new SQL(second.url, { max: 1 });
  const [row] = await again`select ST_X(place) as x from harvest`;
  expect(row).toEqual({ x: -70.5 });
  await again.close();
  await second.child.stop();
  expect(await second.child.exited).toBe(0);
});
