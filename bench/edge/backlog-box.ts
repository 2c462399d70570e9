import { Database } from 'bun:sqlite';
import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MakePhoto } from './accepting.ts';
import { accept, startEdge } from './running-edge.ts';

/** Boxes with a backlog: their data folders, between two runs of an edge. */

/** A box without a centre whose photos are judged and copied to its MinIO; answers their names. */
export async function fillBox(
  data: string,
  env: Readonly<Record<string, string>>,
  photos: number,
  makePhoto: MakePhoto,
): Promise<string[]> {
  const edge = await startEdge(data, env);
  const ask = <T>(sql: string): T[] => {
    const journal = new Database(join(data, 'journal.sqlite'), { readonly: true });
    try {
      return journal.query(sql).all() as T[];
    } finally {
      journal.close();
    }
  };
  const unready = "SELECT 1 FROM photos WHERE buffered_at IS NULL OR state = 'spooled' LIMIT 1";
  try {
    for (let sent = 0; sent < photos; sent++) await accept(edge, makePhoto());
    while (ask(unready).length > 0) await Bun.sleep(100);
  } finally {
    await edge.stop();
  }
  return ask<{ sha256: string }>('SELECT sha256 FROM photos').map(({ sha256 }) => sha256);
}

/** The same box once more: its photos are linked, so that no photo is left to be written. */
export function cloneBox({ from, to }: { readonly from: string; readonly to: string }): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    const name = join(entry.parentPath, entry.name).slice(from.length + 1);
    if (entry.isDirectory()) mkdirSync(join(to, name), { recursive: true });
    else if (name.startsWith('spool/')) linkSync(join(from, name), join(to, name));
    else copyFileSync(join(from, name), join(to, name));
  }
}

/** It has lost its photos, and knows it. */
export function loseSpool(box: string): void {
  const spool = join(box, 'spool');
  for (const name of readdirSync(spool, { recursive: true, encoding: 'utf8' })) {
    if (/\/[0-9a-f]{64}$/.test(name)) rmSync(join(spool, name));
  }
  const journal = new Database(join(box, 'journal.sqlite'));
  journal.run('UPDATE photos SET in_spool = 0');
  journal.close();
}
