import type { World } from './world.ts';

/**
 * Mistakes planted in what surrounds the box's code, never in the code itself: a simulation that
 * does not find them would not find others.
 */
export const PLANTED = [
  'skip-fsync',
  'skip-folder-fsync',
  'drop-receipt',
  'evict-early',
  'acknowledge-early',
  'believe-portal',
] as const;

export type Planted = (typeof PLANTED)[number];

export function isPlanted(name: string): name is Planted {
  return (PLANTED as readonly string[]).includes(name);
}

/** Lets one of these through, one time a run: which, is drawn from the seed. */
export class Mistake {
  readonly #after: number;
  #seen = 0;

  constructor(
    readonly name: Planted | null,
    world: World,
  ) {
    this.#after = world.random.integer(1, 60);
  }

  /** True, once: make the mistake here. */
  now(name: Planted): boolean {
    return this.name === name && ++this.#seen === this.#after;
  }
}
