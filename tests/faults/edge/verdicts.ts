import sharp from 'sharp';
import { stamp } from '../../system/pictures.ts';
import { must } from '../fault-case.ts';
import { until } from '../until.ts';
import { Camera, hashOf } from './camera.ts';
import type { EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

const ROUNDS = 6;
const END = Uint8Array.of(0xff, 0xd9);

/** What a camera spoils, and the reason that the edge must give. */
const SPOILT = {
  too_dark: async (photo: Uint8Array) => await sharp(photo).linear(0.05, 0).jpeg().toBuffer(),
  blurred: async (photo: Uint8Array) => await sharp(photo).blur(12).jpeg().toBuffer(),
  /** Its end is marked, and there is nothing before it. */
  undecodable: async (photo: Uint8Array) => {
    const header = photo.subarray(0, Math.floor(photo.length * 0.02));
    return Buffer.concat([header, Buffer.alloc(200, 0xff), END]);
  },
} as const;

export const verdicts: EdgeCase = {
  number: 10,
  title: 'black, blurred and truncated photos: told with reasons, kept and sent; cut ones refused',
  seconds: 60,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.box('verdicts');
    await box.start();
    const expected = new Map<string, string>();
    let refused = 0;
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      for (const [reason, spoil] of Object.entries(SPOILT)) {
        const sound = camera.take();
        camera.forget(sound);
        const spoilt = stamp(await spoil(sound), `${reason} ${round}`);
        await camera.send(box, spoilt);
        must(camera.acknowledged.has(hashOf(spoilt)), `a photo that is ${reason} is refused`);
        expected.set(hashOf(spoilt), reason);
      }
      const whole = camera.take();
      camera.forget(whole);
      const answer = await camera.send(box, whole.subarray(0, whole.length / 2));
      must(answer?.status === 422, `a photo cut short is answered with ${answer?.status}`);
      must(answer.body.code === 'TRUNCATED_PHOTO', `and with ${answer.body.code}`);
      refused++;
    }
    for (const [hash, reason] of expected) {
      await until(`${hash} is judged`, async () => (await box.photo(hash))?.verdict !== null);
      const { verdict, quarantined } = (await box.photo(hash))!;
      const reasons = verdict?.reasons.map(({ code }) => code) ?? [];
      must(reasons.includes(reason), `a photo that is ${reason} is called ${reasons}`);
      must((quarantined !== null) === (reason === 'undecodable'), `quarantined: ${quarantined}`);
    }
    const ledger = await requireLedger(system, camera, box);
    for (const [hash, reason] of expected) {
      const [row] = await system.sql`
        select verdict->>'result' as result from sightings where encode(sha256, 'hex') = ${hash}`;
      const wanted = reason === 'undecodable' ? 'undecodable' : 'poor';
      must(row?.result === wanted, `the centre was told ${row?.result} of ${reason}`);
    }
    await box.stop();
    return { judged: expected.size, cut_and_refused: refused, ...ledger };
  },
};
