import type { Logger } from '@demeter/common/logger';
import type { GpuReading } from './nvml.ts';

/** Processes that compute on a GPU beside the one that holds its lock. A change stands in the log. */
export class Strangers {
  #told = '';

  constructor(
    /** Who was there before the holder began. */
    private readonly before: readonly number[],
    private readonly log: Pick<Logger, 'warn' | 'info'>,
    private readonly own = process.pid,
  ) {}

  /** As the driver numbers them. */
  on({ uuid, pids }: Pick<GpuReading, 'uuid' | 'pids'>): readonly number[] {
    const strangers = pids.filter((pid) => pid !== this.#ownOf(pids));
    const now = strangers.join(', ');
    if (now !== this.#told) {
      this.#told = now;
      const facts = { gpu: uuid, pids: strangers };
      if (now === '') this.log.info(facts, 'nobody else is on the GPU any more');
      else this.log.warn(facts, 'processes without its lock are on the GPU');
    }
    return strangers;
  }

  /**
   * In a container the driver may number processes as the host does, and the holder does not find
   * itself: then the first who came after it began is taken for it.
   */
  #ownOf(pids: readonly number[]): number | undefined {
    return pids.includes(this.own) ? this.own : pids.find((pid) => !this.before.includes(pid));
  }
}
