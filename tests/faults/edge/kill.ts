import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { must, seededRandom } from '../fault-case.ts';
import type { EdgeBox } from './box.ts';
import { Camera } from './camera.ts';
import { type EdgeCase, Starts } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

/** While a photo is accepted: nothing is answered before the last of them. */
export const ACCEPT_STEPS = [
  ...['receiving', 'received', 'photo-synced', 'sidecar-named', 'photo-named', 'folder-synced'],
  'journalled',
] as const;
/** Afterwards. */
const LATER_STEPS = ['judged', 'granted', 'put', 'stored', 'receipt', 'verified'] as const;
const STEPS = [...ACCEPT_STEPS, ...LATER_STEPS];

const KILLS = 200;
/** A slice takes each third step, another third each time. */
const QUICK_KILLS = 4;
/** An edge that reaches its step has photos to take there within this. */
const STEP_S_MAX = 120;

/** Sends photos until the edge, started so that it ends itself at a step, has done so. */
export async function shootUntilDead(camera: Camera, box: EdgeBox, what: string): Promise<void> {
  let dead = false;
  const ended = box.ended().then(() => {
    dead = true;
  });
  const { url } = box;
  const deadline = Date.now() + STEP_S_MAX * 1000;
  while (!dead) {
    must(Date.now() < deadline, `the edge never came to ${what}`);
    await camera.shoot({ url });
    // Later steps come by themselves: more photos would only take longer to send.
    await Promise.race([ended, Bun.sleep(300)]);
  }
}

export const kill: EdgeCase = {
  number: 1,
  title: 'kill -9 at each named step, 200 in all: the ledger holds, photos are taken within 10 s',
  seconds: 500,
  run: async (system, { seed, quick }) => {
    const random = seededRandom(seed);
    const camera = await Camera.create(seed);
    const box = await system.box('kill');
    const starts = new Starts(quick);
    const kills = quick ? QUICK_KILLS : KILLS;
    const offset = Math.floor(random() * STEPS.length);
    const stride = quick ? 3 : 1;
    const at = new Map<string, number>();
    for (let number = 0; number < kills; number++) {
      const step = STEPS[(offset + number * stride) % STEPS.length]!;
      const count = 1 + Math.floor(random() * 3);
      starts.add(await box.start({ killAt: { step, count } }));
      await shootUntilDead(camera, box, step);
      at.set(step, (at.get(step) ?? 0) + 1);
    }
    starts.add(await box.start());
    must(readdirSync(join(box.data, 'tmp')).length === 0, 'what was half received is removed');
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { kills, steps: at.size, ...ledger, ...starts.detail };
  },
};
