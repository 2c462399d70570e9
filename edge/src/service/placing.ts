import { join } from 'node:path';
import { CentrePlaces } from '../places/centre-places.ts';
import type { Base } from './base.ts';
import type { Forwarding } from './forwarding.ts';

/** The nursery's places, with those of the box's life before; null where no centre is configured. */
export async function createCentrePlaces(
  { config, clock, random, log }: Base,
  forwarding: Forwarding | null,
): Promise<CentrePlaces | null> {
  if (!forwarding) return null;
  const path = join(config.dataFolder, 'places.json');
  const places = new CentrePlaces({ core: forwarding.core, path, clock, random, log });
  await places.load();
  return places;
}
