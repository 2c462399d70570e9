/** Shades of the map, light to dark; 0 is no plant. */
export const SHADES = 5;

/**
 * Square root, so that a place with a few plants is told from one with none beside a place with
 * thousands.
 */
export function shadeOfPlants(plants: number, most: number): number {
  if (plants <= 0 || most <= 0) return 0;
  return Math.max(1, Math.ceil(Math.sqrt(Math.min(1, plants / most)) * SHADES));
}

export const AGES = ['fresh', 'aging', 'old', 'never'] as const;
export type Age = (typeof AGES)[number];

const DAY_MS = 86_400_000;

/** A week is a round through the greenhouse, a month the reconciliation's period. */
export function ageOfCount(at: string | undefined, nowMs: number): Age {
  if (at === undefined) return 'never';
  const days = (nowMs - Date.parse(at)) / DAY_MS;
  if (days <= 7) return 'fresh';
  return days <= 31 ? 'aging' : 'old';
}
