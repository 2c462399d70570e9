import { JUDGE_DEFAULTS, JudgeProcess } from './judge/judge-process.ts';

/**
 * For tests: judge processes that serve one edge of this process after the other, as each takes
 * half a second to start. They end with this process.
 */

class LentJudge extends JudgeProcess {
  #asked = 0;

  override async measure(...photo: Parameters<JudgeProcess['measure']>) {
    this.#asked++;
    try {
      return await super.measure(...photo);
    } finally {
      this.#asked--;
    }
  }

  /** An edge that ends leaves it running, unless it still looks at that edge's photo. */
  override stop(): void {
    if (this.#asked > 0) super.stop();
  }
}

/** A crowded machine takes half a minute for what takes a second on a quiet one. */
const PATIENT = { ...JUDGE_DEFAULTS, timeoutMs: 300_000, startTimeoutMs: 300_000 };

const idle: LentJudge[] = [];

/** Nobody else has it for the time of `use`. */
export async function withJudge<T>(use: (judge: JudgeProcess) => Promise<T>): Promise<T> {
  const judge = idle.pop() ?? new LentJudge(PATIENT);
  try {
    return await use(judge);
  } finally {
    idle.push(judge);
  }
}
