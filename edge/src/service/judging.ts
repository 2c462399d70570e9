import { Judge } from '../judge/judge.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Base } from './base.ts';

/** Looking at photos. */
export function createJudge(
  base: Base,
  onJudged: (sha256: string, verdict: Verdict | null) => void,
  camerasFirst: () => boolean,
  centreNow = () => base.clock.now(),
): Judge {
  const { tuning, clock, journal, spool, events, log, judgeProcess, onStep } = base;
  return new Judge({
    journal,
    process: judgeProcess,
    tuning,
    // By the later of both clocks: days are counted from there, and end by the earlier of both.
    clock: {
      now: () => Math.max(clock.now(), centreNow()),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    },
    log,
    camerasFirst,
    pathOf: (sha256) => spool.pathOf(sha256),
    onJudged: (verdict, sha256) => {
      onStep('judged');
      events.verdicts.inc({ result: verdict?.result ?? 'none' });
      onJudged(sha256, verdict);
    },
  });
}
