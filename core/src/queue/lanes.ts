/** Lanes of the queue; the lowest number is served first. */
export const LANE_LIVE = 0;
/** What an edge that was away has kept, behind what is happening now. */
export const LANE_BACKLOG = 1;
/** Reprocessing and clients' own photos, behind everything else. */
export const LANE_BULK = 2;
