import { Camera } from '../edge/camera.ts';
import { requireLedger } from '../edge/ledger.ts';
import { must, seededRandom } from '../fault-case.ts';
import type { LinkCase, LinkSystem } from './link-system.ts';
import type { Toxic } from './toxiproxy.ts';

const DAYS = 7;
/** Of each of the seven days: one in twelve minutes. */
const PHOTOS_A_DAY = 120;
const QUICK_PHOTOS_A_DAY = 2;
const DRAIN_MS = 3_600_000;

/** Packets go nowhere: connections stand, and nobody answers. */
const BLACK_HOLE: readonly Toxic[] = [
  { type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } },
  { type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } },
];

/** From one kind of dead to the other there is no moment in which anything gets through. */
async function kill(system: LinkSystem, refused: boolean): Promise<void> {
  await system.setUp(false);
  await system.setToxics(refused ? [] : BLACK_HOLE);
  if (!refused) await system.setUp(true);
}

export const dead: LinkCase = {
  number: 13,
  title: 'seven days without a link, compressed: all is kept over restarts, and drains unaided',
  seconds: 200,
  run: async (system, { seed, quick }) => {
    const random = seededRandom(seed);
    const camera = await Camera.create(seed);
    const box = await system.farBox('week');
    await system.mend();
    const photosADay = quick ? QUICK_PHOTOS_A_DAY : PHOTOS_A_DAY;
    for (let day = 0; day < DAYS; day++) {
      await kill(system, day % 2 === 0);
      if (!box.isRunning) await box.start();
      for (let photo = 0; photo < photosADay; photo++) {
        must(await camera.shoot(box), 'photos are taken without a link');
      }
      must(camera.acknowledged.size === (day + 1) * photosADay, 'every photo has been answered');
      // A week sees the box restarted, and its power go.
      if (day % 3 === 1) await (random() < 0.5 ? box.kill() : box.stop());
    }
    const { unsent } = await box.health();
    must(unsent === camera.acknowledged.size, `${unsent} photos wait`);
    await system.mend();
    const started = performance.now();
    await box.drained(DRAIN_MS);
    const seconds = (performance.now() - started) / 1000;
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { days: DAYS, photos_a_day: photosADay, drained_s: Math.round(seconds), ...ledger };
  },
};

const FLAP_MS = 5_000;
const QUICK_FLAP_MS = 1_000;
const QUICK_FLAPS = 4;
const SHOT_PAUSE_MS = 700;
const QUICK_SHOT_PAUSE_MS = 300;
/** Of one photo: beyond these the box would only burn the link. */
const PUTS_MEAN_MAX = 2;
/** In a few seconds most photos meet a dead link; without pauses between tries it would be hundreds. */
const QUICK_PUTS_MEAN_MAX = 10;

export const flapping: LinkCase = {
  number: 15,
  title: 'a link that goes and comes every 5 s, for an hour: the ledger holds, few tries a photo',
  seconds: 3_600,
  run: async (system, { seed, seconds, quick }) => {
    const random = seededRandom(seed);
    const camera = await Camera.create(seed);
    const box = await system.farBox('flapping');
    await system.mend();
    await box.start();
    const { requests } = system.store.meddler;
    const before = requests.length;
    const over = new AbortController();
    const shooting = (async () => {
      while (!over.signal.aborted) {
        await camera.shoot(box);
        await Bun.sleep(quick ? QUICK_SHOT_PAUSE_MS : SHOT_PAUSE_MS);
      }
    })();
    const flapMs = quick ? QUICK_FLAP_MS : FLAP_MS;
    const flaps = quick ? QUICK_FLAPS : Math.ceil((seconds * 1000) / flapMs);
    for (let flap = 0; flap < flaps; flap++) {
      if (flap % 2 === 1) await system.mend();
      else await kill(system, random() < 0.5);
      await Bun.sleep(flapMs);
    }
    over.abort();
    await shooting;
    await system.mend();
    const ledger = await requireLedger(system, camera, box);
    const puts = requests.slice(before).filter(({ method }) => method === 'PUT').length;
    const mean = puts / camera.acknowledged.size;
    const meanMax = quick ? QUICK_PUTS_MEAN_MAX : PUTS_MEAN_MAX;
    must(mean <= meanMax, `each photo was put ${mean.toFixed(1)} times`);
    await box.stop();
    return { flaps, flap_ms: flapMs, puts_a_photo: Number(mean.toFixed(2)), ...ledger };
  },
};
