import { signal } from '@preact/signals';
import { answer, api } from '../api/client.ts';
import { oneAtATime } from '../api/one-at-a-time.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { Location, Warehouse } from '../api/shapes.ts';
import { texts } from '../texts.ts';

/** All places with their counts: one answer serves the map and every choice of a place. */
export const warehouses = signal<readonly Warehouse[] | undefined>(undefined);
export const placesProblem = signal<ApiProblem | undefined>(undefined);

/** Reads them (again). A failure leaves what is there and says so in `placesProblem`. */
export const readPlaces = oneAtATime(async () => {
  try {
    warehouses.value = (await answer(api.GET('/api/v1/map'))).warehouses;
    placesProblem.value = undefined;
  } catch (error) {
    placesProblem.value = asProblem(error);
  }
});

export function findPlace(locationId: string): Location | undefined {
  for (const { areas } of warehouses.value ?? []) {
    for (const { locations } of areas) {
      const found = locations.find(({ id }) => id === locationId);
      if (found) return found;
    }
  }
  return undefined;
}

export function placeName(locationId: string): string {
  return findPlace(locationId)?.name ?? texts.unknown;
}
