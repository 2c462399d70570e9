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

/** A program that says these wrongly says them so each time; the others are made once a life. */
const ALWAYS: ReadonlySet<Planted> = new Set<Planted>(['skip-folder-fsync', 'acknowledge-early']);

/** Makes one of them, once or from then on, at an occasion that is drawn from the seed. */
export class Mistake {
  #occasionsLeft: number;

  constructor(
    private readonly planted: Planted | null,
    private readonly world: World,
  ) {
    this.#occasionsLeft = world.random.integer(1, 3);
  }

  /** This is an occasion. True: make the mistake here. */
  now(name: Planted): boolean {
    if (this.planted !== name) return false;
    const left = --this.#occasionsLeft;
    if (left !== 0 && !(left < 0 && ALWAYS.has(name))) return false;
    this.world.note(`planted: ${name}`);
    return true;
  }
}
