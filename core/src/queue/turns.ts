import { LANE_BULK } from './lanes.ts';

/** One site of one lane that has runs ready to be leased. */
export interface WaitingSite {
  /** 0 is served first. */
  readonly lane: number;
  /** The edge's id, or "direct". */
  readonly site: string;
  /** Runs ready there, counted only up to the number asked for. */
  readonly ready: number;
}

/** How many runs to lease from one site of one lane. */
export interface Turn {
  readonly lane: number;
  readonly site: string;
  readonly runs: number;
}

/** Where the last round stopped, so that the next one goes on behind it. */
export interface TurnState {
  /** Last site served, per lane. */
  readonly lastSite: Readonly<Record<number, string>>;
  /** Leases since a lower lane was served while a higher one had work. */
  readonly sinceLower: number;
}

export const FIRST_TURN: TurnState = { lastSite: {}, sinceLower: 0 };

/** One lease in so many goes to the lower lanes, so that a lane that never empties starves none. */
export const LOWER_LANE_EVERY = 8;

/**
 * Shares `wanted` leases: lanes in order of urgency (but one in LOWER_LANE_EVERY to the next lane
 * that waits), the sites of a lane in turn, going on behind the site served last.
 * Pure. Answers at most `wanted` runs, of them at most `bulkMax` of the bulk lane, and never more
 * than a site has ready.
 */
export function takeTurns(
  waiting: readonly WaitingSite[],
  wanted: number,
  state: TurnState,
  bulkMax = wanted,
): { readonly turns: readonly Turn[]; readonly state: TurnState } {
  const lanes = toLanes(waiting);
  const lastSite: Record<number, string> = { ...state.lastSite };
  const taken = new Map<string, Turn>();
  let { sinceLower } = state;
  let bulk = 0;
  for (let leases = 0; leases < wanted; leases++) {
    const open = lanes.filter(
      ({ lane, sites }) =>
        (lane < LANE_BULK || bulk < bulkMax) && sites.some((site) => site.ready > 0),
    );
    const first = open[0];
    if (first === undefined) break;
    const lower = open[1];
    const lane = lower !== undefined && sinceLower + 1 >= LOWER_LANE_EVERY ? lower : first;
    sinceLower = lower === undefined || lane === lower ? 0 : sinceLower + 1;
    if (lane.lane >= LANE_BULK) bulk++;
    const site = nextSite(lane.sites, lastSite[lane.lane]);
    site.ready--;
    lastSite[lane.lane] = site.site;
    const key = `${lane.lane} ${site.site}`;
    const runs = (taken.get(key)?.runs ?? 0) + 1;
    taken.set(key, { lane: lane.lane, site: site.site, runs });
  }
  return { turns: [...taken.values()], state: { lastSite, sinceLower } };
}

interface OpenSite {
  readonly site: string;
  ready: number;
}

function toLanes(waiting: readonly WaitingSite[]): { lane: number; sites: OpenSite[] }[] {
  const lanes = new Map<number, OpenSite[]>();
  for (const { lane, site, ready } of waiting) {
    lanes.set(lane, [...(lanes.get(lane) ?? []), { site, ready }]);
  }
  return [...lanes]
    .map(([lane, sites]) => ({ lane, sites: sites.sort((a, b) => (a.site < b.site ? -1 : 1)) }))
    .sort((a, b) => a.lane - b.lane);
}

/** The first site with work behind the last one served, around the end. */
function nextSite(sites: readonly OpenSite[], last: string | undefined): OpenSite {
  const open = sites.filter((site) => site.ready > 0);
  const behind = last === undefined ? undefined : open.find((site) => site.site > last);
  const site = behind ?? open[0];
  if (site === undefined) throw new Error('a lane without work was chosen');
  return site;
}
