import type { Box } from './box.ts';
import type { Centre } from './centre.ts';
import type { Network, Weather } from './network.ts';
import type { Oracle } from './oracle.ts';
import { type Platter, spoolPath } from './simulated-disk.ts';
import type { JournalFile } from './simulated-journal.ts';
import type { StoreFaults } from './simulated-store.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

export interface Scene {
  readonly world: World;
  readonly box: Box;
  readonly centre: Centre;
  readonly network: Network;
  readonly platter: Platter;
  readonly journal: JournalFile;
  readonly store: StoreFaults | null;
  readonly oracle: Oracle;
}

/** Something goes wrong; answers how it is put right, and after how long, where it does not pass by itself. */
type Disaster = (scene: Scene) => { readonly ms: number; readonly mend: () => void } | null;

const weather =
  (kind: Weather, min: number, max: number): Disaster =>
  ({ world, network }) => {
    network.weather = kind;
    return { ms: world.random.spread(min, max), mend: () => (network.weather = 'fair') };
  };

/** Of those that lie in the spool: what the box has removed by then nobody could send again. */
const losePhotos =
  (all: boolean): Disaster =>
  ({ world, centre, platter }) => {
    for (const sha256 of centre.photos.keys()) {
      if (platter.file(spoolPath(sha256)) && world.random.chance(0.3)) centre.lose(sha256, all);
    }
    return null;
  };

const DISASTERS: Readonly<Record<string, Disaster>> = {
  cut: weather('cut', 10 * MINUTE, 6 * DAY),
  hole: weather('hole', 5 * MINUTE, 12 * HOUR),
  slow: weather('slow', 10 * MINUTE, 12 * HOUR),
  lossy: weather('lossy', 30 * MINUTE, 2 * DAY),
  flapping: weather('flapping', 10 * MINUTE, 6 * HOUR),
  portal: weather('portal', 10 * MINUTE, 2 * DAY),
  'centre-down': ({ world, centre }) => {
    centre.faults.down = true;
    return { ms: world.random.spread(MINUTE, DAY), mend: () => (centre.faults.down = false) };
  },
  'credential-refused': ({ world, centre }) => {
    centre.faults.forgetful = true;
    return { ms: world.random.spread(MINUTE, DAY), mend: () => (centre.faults.forgetful = false) };
  },
  'strangers-receipts': ({ world, centre }) => {
    centre.faults.strangersKey = true;
    const mend = () => (centre.faults.strangersKey = false);
    return { ms: world.random.spread(MINUTE, 6 * HOUR), mend };
  },
  'centre-restored': losePhotos(true),
  'centre-loses-bytes': losePhotos(false),
  kill: ({ box }) => {
    box.endSoon('kill');
    return null;
  },
  'power-cut': ({ box }) => {
    box.endSoon('power');
    return null;
  },
  'power-cut-later': ({ world, box, journal }) => {
    journal.inPeril = true;
    return { ms: world.random.spread(1_000, 4 * HOUR), mend: () => box.end('power') };
  },
  'disk-full': ({ world, platter }) => {
    platter.faults.full = true;
    return { ms: world.random.spread(MINUTE, 6 * HOUR), mend: () => (platter.faults.full = false) };
  },
  'flushes-fail': ({ world, platter }) => {
    platter.faults.failingFlushes = world.random.integer(1, 4);
    return null;
  },
  'journal-fails': ({ world, journal }) => {
    journal.failing = world.random.pick(['SQLITE_FULL', 'SQLITE_IOERR_WRITE']);
    return { ms: world.random.spread(10_000, 2 * HOUR), mend: () => (journal.failing = null) };
  },
  'journal-destroyed': ({ journal, box, world }) => {
    if (!world.random.chance(0.3)) return null;
    box.end('kill');
    journal.destroy();
    return null;
  },
  'bytes-rot': ({ platter, world, oracle, centre }) => {
    const held = [...oracle.ledger.keys()].filter((sha256) => !centre.bytesOf(sha256));
    const sha256 = world.random.pick(held);
    if (!sha256 || !world.random.chance(0.5)) return null;
    if (platter.rot(spoolPath(sha256))) oracle.rotten.add(sha256);
    return null;
  },
  'clock-jumps': ({ world }) => {
    const far = world.random.pick([30_000, HOUR, DAY, YEAR]);
    const jump = world.random.pick([-1, 1]) * world.random.spread(1_000, far);
    world.wallAtStart += jump;
    const mend = () => (world.wallAtStart -= jump);
    return { ms: world.random.spread(MINUTE, 5 * DAY), mend };
  },
  'store-away': ({ world, store }) => {
    if (!store) return null;
    store.away = true;
    return { ms: world.random.spread(MINUTE, DAY), mend: () => (store.away = false) };
  },
  'store-wiped': ({ store }) => {
    store?.objects.clear();
    return null;
  },
};

const DISASTERS_A_DAY = 1.5;

/** Disasters, one at a time of each kind, spread over the run; all are over at its end. */
export function plan(scene: Scene, days: number): void {
  const { world } = scene;
  const names = Object.keys(DISASTERS);
  const mending = new Map<string, () => void>();
  for (let count = days * DISASTERS_A_DAY; count > 0; count--) {
    const name = world.random.pick(names);
    world.after(world.random.next() * days * DAY, 'world', () => {
      const kind = name in WEATHER ? 'weather' : name;
      if (mending.has(kind)) return;
      world.note(`disaster: ${name}`);
      const passing = DISASTERS[name]?.(scene);
      if (!passing) return;
      const end = () => {
        if (!mending.delete(kind)) return;
        world.note(`over: ${name}`);
        passing.mend();
      };
      mending.set(kind, end);
      world.after(passing.ms, 'world', end);
    });
  }
  world.after(days * DAY, 'world', () => {
    for (const end of [...mending.values()]) end();
  });
}

/** The link has one weather at a time. */
const WEATHER = { cut: 1, hole: 1, slow: 1, lossy: 1, flapping: 1, portal: 1 };
