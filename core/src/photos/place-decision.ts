/** How a photo's place was found. */
export type LocationSource = 'explicit' | 'tag' | 'camera' | 'gps' | 'person';

/** A place near the photo's position. */
export interface GpsMatch {
  readonly locationId: string;
  /** The position lies in its polygon. */
  readonly contains: boolean;
  /** Metres from the position to its polygon; 0 inside. */
  readonly distanceM: number;
}

export interface PlaceEvidence {
  /** Named by whoever sent the photo. */
  readonly explicit?: string;
  /** Places whose codes are on tags in the photo. */
  readonly tags?: readonly string[];
  /** Where the camera always looks. */
  readonly camera?: string;
  readonly gps?: { readonly matches: readonly GpsMatch[]; readonly accuracyM: number | null };
}

export interface PlaceCandidate {
  readonly locationId: string;
  readonly source: LocationSource;
  readonly distanceM: number | null;
}

export interface PlaceDecision {
  /** Null: nobody knows for sure; booking waits for a person. */
  readonly place: { readonly locationId: string; readonly source: LocationSource } | null;
  readonly candidates: readonly PlaceCandidate[];
}

/** A position outside every polygon belongs to the nearest one within this (domain.md). */
export const GPS_RADIUS_M = 10;

/**
 * Finds a photo's place: named, else by the one tag in it, else the camera's, else by GPS.
 * Several tags are candidates, unless the camera's own place is one of them. GPS answers only if
 * no second place lies within the reported accuracy. Pure.
 */
export function decidePlace(evidence: PlaceEvidence): PlaceDecision {
  const { explicit, tags = [], camera, gps } = evidence;
  if (explicit !== undefined) return found(explicit, 'explicit');
  const [tag, ...others] = tags;
  if (tag !== undefined && others.length === 0) return found(tag, 'tag');
  if (camera !== undefined && (tag === undefined || tags.includes(camera))) {
    return found(camera, 'camera');
  }
  if (tag !== undefined) {
    const candidates = tags.map((locationId) => candidate(locationId, 'tag', null));
    return { place: null, candidates };
  }
  return gps === undefined ? { place: null, candidates: [] } : decideByGps(gps);
}

function decideByGps({ matches, accuracyM }: NonNullable<PlaceEvidence['gps']>): PlaceDecision {
  const near = [...matches].sort(
    (a, b) => Number(b.contains) - Number(a.contains) || a.distanceM - b.distanceM,
  );
  const [first] = near;
  const reach = Number.isFinite(accuracyM) ? Math.max(0, accuracyM ?? 0) : 0;
  const second = near.find((match) => match !== first && match.distanceM <= reach);
  const close = first !== undefined && (first.contains || first.distanceM <= GPS_RADIUS_M);
  if (close && second === undefined) return found(first.locationId, 'gps');
  return {
    place: null,
    candidates: near.map((match) => candidate(match.locationId, 'gps', match.distanceM)),
  };
}

function found(locationId: string, source: LocationSource): PlaceDecision {
  return { place: { locationId, source }, candidates: [] };
}

function candidate(locationId: string, source: LocationSource, distanceM: number | null) {
  return { locationId, source, distanceM };
}
