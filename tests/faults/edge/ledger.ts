import { until } from '../until.ts';
import type { EdgeBox } from './box.ts';
import type { Acknowledged, Camera } from './camera.ts';
import type { EdgeSystem } from './edge-system.ts';

export interface LedgerOptions {
  /** Photos whose bytes the case itself has spoilt: they must be shown as quarantined. */
  readonly spoilt?: ReadonlySet<string>;
  /** Photos that a policy has given up, as the box's audit says and its metrics count. */
  readonly byPolicy?: ReadonlySet<string>;
  /** The link stays dead: what is held counts, and nothing is waited for. */
  readonly held?: boolean;
  readonly withinMs?: number;
}

type Whereabouts = 'at_centre' | 'held' | 'by_policy' | 'spoilt';

const AT_ONCE = 6;

/**
 * The oracle of every case: what the camera was answered for is, byte for byte, verified at the
 * centre, held by the box, or resolved by a policy that is counted; every sighting that was
 * answered for is at the centre exactly once. What the camera still holds is sent first.
 * Throws with the hashes that are nowhere.
 */
export async function requireLedger(
  system: EdgeSystem,
  camera: Camera,
  box: EdgeBox,
  options: LedgerOptions = {},
): Promise<Record<string, number>> {
  const { spoilt = new Set(), held = false, withinMs = 240_000 } = options;
  await camera.sendKept(box, withinMs);
  if (!held && spoilt.size === 0) await box.drained(withinMs);
  const found = { at_centre: 0, held: 0, by_policy: 0, spoilt: 0 };
  const wrong: string[] = [];
  let sightings = 0;
  const photos = [...camera.acknowledged];
  const look = async () => {
    for (let next = photos.pop(); next; next = photos.pop()) {
      const [hash, photo] = next;
      const where = await whereabouts(system, box, hash, photo, options);
      if (where === undefined) wrong.push(hash);
      else found[where]++;
      if (where !== 'at_centre') continue;
      await requireSightings(system, hash, photo);
      sightings += photo.sightings.size;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  if (wrong.length > 0) {
    throw new Error(`${wrong.length} acknowledged photos are lost or changed: ${wrong.join(' ')}`);
  }
  return { acknowledged: camera.acknowledged.size, ...found, sightings };
}

async function whereabouts(
  system: EdgeSystem,
  box: EdgeBox,
  hash: string,
  { bytes }: Acknowledged,
  { spoilt, byPolicy }: LedgerOptions,
): Promise<Whereabouts | undefined> {
  const centre = await system.atCentre(hash);
  if (centre) return Buffer.from(centre.bytes).equals(bytes) ? 'at_centre' : undefined;
  const photo = await box.photo(hash);
  if (photo && spoilt?.has(hash)) return photo.quarantined === null ? undefined : 'spoilt';
  const spooled = box.spooled(hash);
  if (photo && spooled && Buffer.from(spooled).equals(bytes)) return 'held';
  if (photo?.state === 'resolved' && byPolicy?.has(hash)) return 'by_policy';
  return undefined;
}

/** A photo may be there before its last sighting is registered: that follows by itself. */
async function requireSightings(
  system: EdgeSystem,
  hash: string,
  { sightings }: Acknowledged,
): Promise<void> {
  await until(`every sighting of ${hash} is at the centre`, async () => {
    const there = await system.sightingsOf(hash);
    return [...sightings].every((id) => there.has(id));
  });
}
