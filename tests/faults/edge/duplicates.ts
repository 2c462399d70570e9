import { must } from '../fault-case.ts';
import { Camera, hashOf } from './camera.ts';
import type { EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

const PHOTOS = 60;
const QUICK_PHOTOS = 3;
const TIMES = 10;

export const duplicates: EdgeCase = {
  number: 9,
  title: 'the same photo ten times at once: one object at the centre, ten sightings',
  seconds: 90,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.box('duplicates');
    await box.start();
    for (let number = 0; number < (quick ? QUICK_PHOTOS : PHOTOS); number++) {
      const bytes = camera.take();
      const sending = Array.from({ length: TIMES }, () => camera.send(box, bytes));
      const answers = await Promise.all(sending);
      const statuses = answers.map((answer) => answer?.status).sort();
      const first = statuses.filter((status) => status === 201).length;
      const again = statuses.filter((status) => status === 200).length;
      must(first === 1 && again === TIMES - 1, `answered with ${statuses.join(' ')}`);
      must(camera.acknowledged.get(hashOf(bytes))?.sightings.size === TIMES, 'ten sightings');
    }
    const ledger = await requireLedger(system, camera, box);
    for (const hash of camera.acknowledged.keys()) {
      const sightings = (await system.atCentre(hash))?.sightings.size;
      must(sightings === TIMES, `${sightings} sightings of ${hash} at the centre`);
      const objects = await system.objectsOf(hash);
      must(objects.length === 1, `objects of one photo: ${objects.join(' ')}`);
    }
    await box.stop();
    return ledger;
  },
};
