import { must } from '../fault-case.ts';
import { until } from '../until.ts';
import { Camera } from './camera.ts';
import type { EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

/** A process of Bun with a child and a database has some forty open by itself. */
const DESCRIPTORS = 80;
const WAITING = 120;
const QUICK_WAITING = 50;
const ROUNDS = 6;

const NONE_LEFT = '503 TOO_MANY_OPEN_FILES';
/** A connection that finds no descriptor is not answered at all. */
const ANSWERS = new Set(['200', '201', NONE_LEFT, 'no answer']);

/** Inodes are case 4's. */
export const exhausted: EdgeCase = {
  number: 12,
  title: 'no file descriptors left: photos are refused and told of, and taken when there are some',
  seconds: 420,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.box('descriptors');
    await box.start({ wrap: ['sh', '-c', `ulimit -n ${DESCRIPTORS}; exec "$0" "$@"`] });
    const answers: Record<string, number> = {};
    const told = 'demeter_edge_alarms_total{kind="no_descriptors"}';
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      await camera.shoot(box);
      // Each of these is a connection and a file that is being received.
      const go = Promise.withResolvers<void>();
      const sending = Array.from({ length: quick ? QUICK_WAITING : WAITING }, () =>
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
      const { alarms } = await box.health();
      must(alarms.length === 0, `still alarmed when photos are taken again: ${alarms}`);
    }
    const other = Object.keys(answers).filter((said) => !ANSWERS.has(said));
    must(other.length === 0, `answered with ${other}`);
    must(answers[NONE_LEFT] !== undefined, 'there were descriptors left');
    must((await box.metrics()).includes(told), 'an alarm tells of it');
    const refused = await box.metric('demeter_edge_refused_total');
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { answers, refused_as_counted: refused, ...ledger };
  },
};
