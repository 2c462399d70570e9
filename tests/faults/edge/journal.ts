import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, seededRandom } from '../fault-case.ts';
import { Camera } from './camera.ts';
import { DEAD_LINK, type EdgeCase, Starts } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

/** What is done to the journal's file. */
const WAYS = {
  deleted: (path: string) => rmSync(path),
  emptied: (path: string) => truncateSync(path, 0),
  'cut in half': (path: string) => truncateSync(path, Math.floor(size(path) / 2)),
  'another file': (path: string) => writeFileSync(path, 'this is no database, '.repeat(1000)),
  'noise in every page but the first': (path: string, random: () => number) => {
    const bytes = readFileSync(path);
    for (let at = 4096; at < bytes.length; at++) bytes[at] = Math.floor(random() * 256);
    writeFileSync(path, bytes);
  },
} as const;
/** After these SQLite sees an empty database, not a damaged one. */
const LOOKS_NEW = ['deleted', 'emptied'];

const ROUNDS = 8;
/** Two of the five, others for another seed. */
const QUICK_WAYS = [0, 2];
const PHOTOS = 4;

function size(path: string): number {
  return readFileSync(path).length;
}

export const journalLost: EdgeCase = {
  number: 7,
  title: 'the journal deleted, emptied, cut, replaced, spoilt: rebuilt from spool and sidecars',
  seconds: 150,
  run: async (system, { seed, quick }) => {
    const random = seededRandom(seed);
    const camera = await Camera.create(seed);
    const box = await system.box('journal');
    const starts = new Starts(quick);
    const all = Object.entries(WAYS);
    const ways = quick ? QUICK_WAYS.map((way) => all[(seed + way) % all.length]!) : all;
    let rebuilt = 0;
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      for (const [way, spoil] of ways) {
        // Of the photos some are at the centre, some only here.
        const env = random() < 0.5 ? DEAD_LINK : {};
        starts.add(await box.start({ env }));
        for (let photo = 0; photo < PHOTOS; photo++) await camera.shoot(box);
        // Everything is in the file then, and nothing in SQLite's log.
        await box.stop();
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
