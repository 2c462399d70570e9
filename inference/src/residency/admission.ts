/** Who may stay in memory: rules without I/O. */

/** A model in memory. */
export interface Occupant {
  readonly key: string;
  /** What ending it gives back. */
  readonly bytes: number;
  readonly lastUsedMs: number;
  /** Not pinned, and nobody uses or awaits it. */
  readonly evictable: boolean;
}

export interface AdmissionRequest {
  readonly needBytes: number;
  /** Less than 0 where more is reserved than there is. */
  readonly freeBytes: number;
  readonly occupants: readonly Occupant[];
  /** The CPU may take what the GPU cannot. */
  readonly cpuAllowed: boolean;
}

export type Admission =
  | { readonly action: 'admit'; readonly evict: readonly string[] }
  | { readonly action: 'fall-back' }
  | { readonly action: 'refuse' };

/**
 * Room for a model: what is free; else what the least recently used can give, of which none is
 * ended in vain; else the CPU; else none.
 */
export function admit({
  needBytes,
  freeBytes,
  occupants,
  cpuAllowed,
}: AdmissionRequest): Admission {
  const chosen: Occupant[] = [];
  let missing = needBytes - freeBytes;
  for (const occupant of oldestFirst(occupants)) {
    if (missing <= 0) break;
    chosen.push(occupant);
    missing -= occupant.bytes;
  }
  if (missing > 0) return { action: cpuAllowed ? 'fall-back' : 'refuse' };
  // The last ones chosen may have made those before them needless; the youngest is spared first.
  for (const occupant of chosen.toReversed()) {
    if (missing + occupant.bytes > 0) continue;
    missing += occupant.bytes;
    chosen.splice(chosen.indexOf(occupant), 1);
  }
  return { action: 'admit', evict: chosen.map(({ key }) => key) };
}

/** Who may go, in the order of going. */
export function oldestFirst(occupants: readonly Occupant[]): Occupant[] {
  return occupants
    .filter(({ evictable }) => evictable)
    .sort((a, b) => a.lastUsedMs - b.lastUsedMs || (a.key < b.key ? -1 : 1));
}

const MIB = 1024 * 1024;
/** Beside twice the weights: activations of a 640 px input and, on a GPU, context and workspaces. */
const FIRST_LOAD_BYTES = { vram: 512 * MIB, resident: 128 * MIB } as const;

/** What a load is expected to take, rather too much than too little. */
export function estimateNeed(
  kind: 'vram' | 'resident',
  { fileBytes, measuredBytes }: { readonly fileBytes: number; readonly measuredBytes?: number },
): number {
  if (measuredBytes !== undefined) return Math.round(measuredBytes * 1.1);
  return 2 * fileBytes + FIRST_LOAD_BYTES[kind];
}
