import { newId } from '@demeter/common/ids';
import { monotonicFactory } from 'ulid';

/** Names as a seam: the simulation draws them from its seed. */
export interface Ids {
  uuid(): string;
  /** Ordered, also within a millisecond. `now`: UTC milliseconds. */
  ulid(now: number): string;
}

export function realIds(): Ids {
  return { uuid: newId, ulid: monotonicFactory() };
}
