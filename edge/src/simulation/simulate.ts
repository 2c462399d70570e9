import type { Policies } from '@demeter/common/edge-configuration/schema';
import { type EdgeConfig, readConfig } from '../config.ts';
import { Box } from './box.ts';
import { Cameras, isPhoto } from './cameras.ts';
import { CENTRE_KEY, CENTRE_URL, Centre, ORGANISATION } from './centre.ts';
import { DAY, plan, type Scene } from './disasters.ts';
import { Network, type Weather } from './network.ts';
import { Oracle } from './oracle.ts';
import { Mistake, type Planted } from './planted.ts';
import { Platter, spoolPath } from './simulated-disk.ts';
import { JournalFile } from './simulated-journal.ts';
import { StoreFaults } from './simulated-store.ts';
import { serialiseWebCrypto } from './web-crypto.ts';
import { World } from './world.ts';

export interface Options {
  readonly planted?: Planted | null;
  /** Keeps what happened, line by line. */
  readonly traced?: boolean;
}

export interface Outcome {
  readonly seed: number;
  readonly days: number;
  readonly photos: number;
  readonly starts: number;
  readonly events: number;
  /** Photos that a policy has given up. */
  readonly givenUp: number;
  /** Photos that the centre had lost and got again. */
  readonly regained: number;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

const VISITS_A_DAY = 2;
/** After the last disaster, everything comes to rest within this time. */
const REST_MS = 3 * DAY;
const REST_LOOK_MS = 5 * 60_000;
/** Between two looks of the oracle in between. */
const LOOK_MS = { min: 10 * 60_000, max: 6 * 3_600_000 } as const;

/** Some weeks in the life of a box, drawn from a seed: the same seed is the same life, step by step. */
export async function simulate(seed: number, options: Options = {}): Promise<Outcome> {
  serialiseWebCrypto();
  const world = new World(seed, options.traced === true);
  const oracle = new Oracle();
  const mistake = new Mistake(options.planted ?? null, world);
  const scene = createScene(world, oracle, mistake);
  const cameras = new Cameras(world, scene.box, oracle, mistake);
  const days = world.random.integer(14, 21);

  scene.box.start();
  for (let count = days * VISITS_A_DAY; count > 0; count--) {
    world.after(world.random.next() * days * DAY, 'world', () => cameras.shoot());
  }
  plan(scene, days);
  const look = () => {
    oracle.check();
    betray(scene, mistake);
    world.after(world.random.spread(LOOK_MS.min, LOOK_MS.max), 'box', look);
  };
  look();
  await world.run(() => world.now >= days * DAY);
  await comeToRest(world, () => cameras.waiting === 0 && oracle.outstanding() === null);
  if (cameras.waiting > 0) oracle.violate(`${cameras.waiting} photos are not accepted in the end`);
  oracle.settle();
  scene.box.life?.end();
  scene.journal.close();
  const { photos } = cameras;
  const { violations, givenUp } = oracle;
  const regained = [...scene.centre.lost].filter((sha256) => scene.centre.bytesOf(sha256)).length;
  const { events, trace } = world;
  const { starts } = scene.box;
  return { seed, days, photos, starts, events, givenUp: givenUp.size, regained, violations, trace };
}

/** Nothing goes wrong any more: looks now and then whether everything is where it belongs. */
async function comeToRest(world: World, atRest: () => boolean): Promise<void> {
  const end = world.now + REST_MS;
  let rested = false;
  const look = () => {
    rested = world.now >= end || atRest();
    world.after(REST_LOOK_MS, 'world', look);
  };
  look();
  await world.run(() => rested);
}

function createScene(world: World, oracle: Oracle, mistake: Mistake): Scene {
  const centre = new Centre(world);
  const network = new Network(world, centre);
  const honesty = {
    // One flush that is left out does no harm where the centre has the photo a second later.
    sync: (bytes: Uint8Array) => {
      const waits = isPhoto(bytes) && DEAD_LINKS.includes(network.weather);
      return !(waits && mistake.now('skip-fsync'));
    },
    syncFolder: (path: string) => !(/\/spool\/..$/.test(path) && mistake.now('skip-folder-fsync')),
  };
  const platter = new Platter(world.random, honesty, (path) => oracle.removing(path));
  const journal = new JournalFile((db) => oracle.watch(db));
  oracle.use({ world, centre, journal, platter });
  const store = world.random.chance(0.5) ? new StoreFaults() : null;
  const config = configOf(world);
  const box = new Box({ world, config, platter, journal, network, store });
  network.onBelieved = (sha256) => {
    if (!mistake.now('believe-portal')) return;
    journal.run("UPDATE photos SET state = 'verified', receipt = 'ok' WHERE sha256 = ?", sha256);
  };
  return { world, box, centre, network, platter, journal, store, oracle };
}

/** Of these a photo waits for days. */
const DEAD_LINKS: readonly Weather[] = ['cut', 'hole', 'portal'];

/** Mistakes of the box's own housekeeping. */
function betray({ journal, platter }: Scene, mistake: Mistake): void {
  const [verified] = journal.all<{ sha256: string }>(
    "SELECT sha256 FROM photos WHERE state = 'verified' LIMIT 1",
  );
  if (verified && mistake.now('drop-receipt')) {
    journal.run("UPDATE photos SET receipt = '' WHERE sha256 = ?", verified.sha256);
  }
  const [unsent] = journal.all<{ sha256: string }>(
    "SELECT sha256 FROM photos WHERE state IN ('judged','queued','stored') LIMIT 1",
  );
  if (unsent && mistake.now('evict-early')) {
    platter.remove(spoolPath(unsent.sha256));
  }
}

/** Most boxes keep nothing back; some do for some days, some until a person says otherwise. */
const POLICIES: readonly Policies[] = [
  {},
  { poor: { forward: 'later', keep_days: 3 } },
  { too_dark: { forward: 'hold', keep_days: 2 }, blurred: { forward: 'thumbnail', keep_days: 0 } },
  { poor: { forward: 'thumbnail', keep_days: 4 }, too_dark: { forward: 'hold' } },
];

/** Some boxes have little room, some forget at once. */
function configOf({ random }: World): EdgeConfig {
  const payload = { org: ORGANISATION, sub: 'edge:01890000-0000-7000-8000-0000000000ed' };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ kid: CENTRE_KEY })}.${part(payload)}.e30`;
  const config = readConfig({
    DEMETER_EDGE_DATA: '/edge',
    DEMETER_EDGE_CORE_URL: CENTRE_URL,
    DEMETER_EDGE_TOKEN: token,
    DEMETER_EDGE_KEEP_HOURS: random.pick(['0', '1', '72']),
  });
  // Smaller than the settings allow, like the photos.
  const bytesMax = random.pick([10_000, 1024 * 1024]);
  const tuning = { ...config.tuning, policies: random.pick(POLICIES) };
  return { ...config, tuning, values: { ...config.values, DEMETER_EDGE_BYTES_MAX: bytesMax } };
}
