import { must } from '../fault-case.ts';
import { until } from '../until.ts';
import { Camera } from './camera.ts';
import type { EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

/** A process of Bun with a child and a database has some forty open by itself. */
const DESCRIPTORS = 80;
const WAITING = 120;
const ROUNDS = 6;

/** Inodes are case 4's. */
export const exhausted: EdgeCase = {
  number: 12,
  title: 'no file descriptors left: photos are refused and told of, and taken when there are some',
  seconds: 60,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.box('descriptors');
    await box.start({ wrap: ['sh', '-c', `ulimit -n ${DESCRIPTORS}; exec "$0" "$@"`] });
    const answers: Record<string, number> = {};
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      await camera.shoot(box);
      // Each of these is a connection and a file that is being received.
      const go = Promise.withResolvers<void>();
      const sending = Array.from({ length: WAITING }, () =>
        camera.sendInHalves(box, camera.take(), () => go.promise),
      );
      await Bun.sleep(2_000);
      go.resolve();
      for (const answer of await Promise.all(sending)) {
        const said = answer ? `${answer.status} ${answer.body.code ?? ''}`.trim() : 'no answer';
        answers[said] = (answers[said] ?? 0) + 1;
      }
      await until('the edge answers again', async () => (await box.health()).status !== '');
      await camera.sendKept(box);
    }
    const other = Object.keys(answers).filter(
      (said) => !/^(20[01]|507|503|429|no answer)/.test(said),
    );
    must(other.length === 0, `answered with ${other}`);
    must(
      Object.keys(answers).some((said) => !said.startsWith('20')),
      'there were descriptors left',
    );
    const refused = await box.metric('demeter_edge_refused_total');
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { answers, refused_as_counted: refused, ...ledger };
  },
};
