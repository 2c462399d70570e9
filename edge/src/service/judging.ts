import { Judge } from '../judge/judge.ts';
import type { Base } from './base.ts';

/** Looking at photos; `wake` is called when one was judged. */
export function createJudge(base: Base, wake: (sha256: string) => void): Judge {
  const { tuning, journal, spool, events, log, judgeProcess, onStep } = base;
  return new Judge({
    journal,
    process: judgeProcess,
    tuning,
    log,
    pathOf: (sha256) => spool.pathOf(sha256),
    onJudged: (verdict, sha256) => {
      onStep('judged');
      events.verdicts.inc({ result: verdict?.result ?? 'none' });
      wake(sha256);
    },
  });
}
