import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, seededRandom } from '../fault-case.ts';
import { Camera } from './camera.ts';
import { DEAD_LINK, type EdgeCase, Starts } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

const noise = (path: string, from: number, random: () => number) => {
  const bytes = readFileSync(path);
  for (let at = from; at < bytes.length; at++) bytes[at] = Math.floor(random() * 256);
  writeFileSync(path, bytes);
};
const PAGE_BYTES = 4096;

/** What is done to the journal's file. */
const WAYS = {
  deleted: (path: string) => rmSync(path),
  emptied: (path: string) => truncateSync(path, 0),
  'cut in half': (path: string) => truncateSync(path, Math.floor(size(path) / 2)),
  'another file': (path: string) => writeFileSync(path, 'this is no database, '.repeat(1000)),
  'noise in every page but the first': (path: string, random: () => number) =>
    noise(path, PAGE_BYTES, random),
} as const;
/** What is done after kill -9, when the newest rows stand in SQLite's log only. */
const LOG_WAYS = {
  'deleted, its log left': (path: string) => rmSync(path),
  'without its log': (path: string) => rmSync(`${path}-wal`, { force: true }),
  'with half of its log': (path: string) => WAYS['cut in half'](`${path}-wal`),
  'with noise for a log': (path: string, random: () => number) => noise(`${path}-wal`, 0, random),
} as const;
/** After these SQLite sees an empty database or a shorter log, not a damaged one. */
const LOOKS_NEW = ['deleted', 'emptied', ...Object.keys(LOG_WAYS)];

/** Of all ways. */
const ROUNDS = 3;
/** Three of the nine, others for another seed. */
const QUICK_WAYS = [0, 2, 5];
const PHOTOS = 4;

function size(path: string): number {
  return readFileSync(path).length;
}

export const journalLost: EdgeCase = {
  number: 7,
  title: 'the journal or its log deleted, cut, replaced, spoilt: rebuilt from spool and sidecars',
  seconds: 150,
  run: async (system, { seed, quick }) => {
    const random = seededRandom(seed);
    const camera = await Camera.create(seed);
    const box = await system.box('journal');
    const starts = new Starts(quick);
    const all = Object.entries({ ...WAYS, ...LOG_WAYS });
    const ways = quick ? QUICK_WAYS.map((way) => all[(seed + way) % all.length]!) : all;
    let rebuilt = 0;
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      for (const [way, spoil] of ways) {
        // Of the photos some are at the centre, some only here.
        const env = random() < 0.5 ? DEAD_LINK : {};
        starts.add(await box.start({ env }));
        for (let photo = 0; photo < PHOTOS; photo++) await camera.shoot(box);
        // Stopped in order, everything is in the file, and nothing in SQLite's log.
        await (way in LOG_WAYS ? box.kill() : box.stop());
        const path = join(box.data, 'journal.sqlite');
        spoil(path, random);
        starts.add(await box.start({ env: DEAD_LINK }));
        const { alarms } = await box.health();
        const told = alarms.includes('journal_rebuilt') || LOOKS_NEW.includes(way);
        must(told, `a journal that is ${way} raises no alarm: ${alarms.join(' ')}`);
        for (const hash of camera.acknowledged.keys()) {
          const known = (await box.photo(hash)) ?? (await system.atCentre(hash));
          must(known !== undefined, `${way}: nobody knows ${hash}`);
        }
        rebuilt++;
        await box.stop();
      }
    }
    starts.add(await box.start());
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { journals_lost: rebuilt, ways: ways.length, ...ledger, ...starts.detail };
  },
};
