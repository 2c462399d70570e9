import { stamp } from '../../system/pictures.ts';
import { must } from '../fault-case.ts';
import { until } from '../until.ts';
import { Camera, hashOf } from './camera.ts';
import type { EdgeCase } from './edge-case.ts';
import { keptBack } from './kept-back.ts';
import { requireLedger } from './ledger.ts';
import { SPOILT } from './spoilt-photos.ts';

const ROUNDS = 6;
const REASONS = ['too_dark', 'blurred', 'undecodable'] as const;

export const verdicts: EdgeCase = {
  number: 10,
  title: 'black, blurred, truncated photos: told, kept, sent, or given up by a counted policy',
  seconds: 60,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.box('verdicts');
    await box.start();
    const expected = new Map<string, string>();
    let refused = 0;
    const rounds = quick ? 1 : ROUNDS;
    for (let round = 0; round < rounds; round++) {
      for (const reason of REASONS) {
        const sound = camera.take();
        camera.forget(sound);
        const spoilt = stamp(await SPOILT[reason](sound), `${reason} ${round}`);
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
    const kept_back = await keptBack(system, seed, rounds);
    return { judged: expected.size, cut_and_refused: refused, ...ledger, kept_back };
  },
};
