/**
 * What a promise to a camera costs: the edge's durable accept of photos of 2 MB beside a bare write
 * and fsync of the same bytes, for one camera that keeps its connection and for eight, sending
 * beside a plain loop of puts into the same S3 server (DEMETER_TEST_S3_ENDPOINT), and what 100,000
 * photos that are held change.
 * `bun run bench edge [--json] [--folder F] [--pairs N] [--rounds N] [--held N]`.
 * On a real disk: a folder in memory flushes for nothing.
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { round } from '../statistics.ts';
import { acceptEight, acceptOne } from './accepting.ts';
import { flushesPerPhoto } from './flushes.ts';
import { forwarding } from './forwarding.ts';
import { holding } from './held.ts';
import { photoMaker } from './photos.ts';
import { residentMb, startEdge } from './running-edge.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    folder: { type: 'string' },
    pairs: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '9' },
    held: { type: 'string', default: '100000' },
  },
});
/** Of statfs(2). */
const TMPFS = 0x01021994;

const parent = values.folder ?? diskFolder();
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'demeter-bench-'));
const makePhoto = await photoMaker();
try {
  const edge = await startEdge(join(folder, 'edge'));
  // A box runs for weeks: the first accepts make folders and have the code compiled.
  await acceptOne(edge, folder, makePhoto, 20);
  await acceptEight(edge, folder, makePhoto, 2);
  const one = await acceptOne(edge, folder, makePhoto, Number(values.pairs));
  const eight = await acceptEight(edge, folder, makePhoto, Number(values.rounds));
  const flushes = await flushesPerPhoto(edge, folder, makePhoto, 40);
  const rssMb = residentMb(edge);
  const held = await holding(Number(values.held), folder, edge, makePhoto, Number(values.pairs));
  const sent = await forwarding(folder, makePhoto, Number(values.rounds));
  const summary = {
    ratio_accept: round(one.accepted / one.bare),
    ratio_accept_8: round(eight.accepted / eight.bare),
    fsyncs_per_photo: flushes,
    accept_ms: round(one.accepted),
    accept_fetch_ms: round(one.fetched),
    bare_write_ms: round(one.bare),
    accepts_per_s_8: round(eight.accepted),
    bare_writes_per_s_8: round(eight.bare),
    ratio_forward: sent && round(sent.box.ratio),
    forward_mb_per_s: sent && round(sent.box.speed),
    ratio_forward_by_link: sent && round(sent.box.ratioByLink),
    ratio_forward_copies: sent && round(sent.copies.ratio),
    ratio_forward_copies_by_link: sent && round(sent.copies.ratioByLink),
    forward_copies_mb_per_s: sent && round(sent.copies.speed),
    put_by_client_mb_per_s: sent && round(sent.clientSpeed),
    put_by_link_mb_per_s: sent && round(sent.linkSpeed),
    rss_mb: round(rssMb),
    start_100k_s: round(held.startS),
    start_empty_s: round(held.emptyStartS),
    rss_100k_mb: round(held.rssMb),
    ratio_accept_100k: round(held.ratio),
  };
  await edge.stop();
  console.log(values.json ? JSON.stringify(summary) : summary);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function diskFolder(): string {
  return statfsSync(tmpdir()).type === TMPFS ? join(import.meta.dir, '../../.cache') : tmpdir();
}
