import type { Candidates } from '../model/layouts/layout.ts';
import { BoxGrid } from './box-grid.ts';
import type { Size } from './geometry.ts';
import { area, intersection, type Suppression } from './nms.ts';
import { concatObjects, type Objects, pickObjects, suppress } from './objects.ts';
import type { Tile } from './tile.ts';

/** What one tile gave, boxes in pixels of the scaled photo. */
export interface TileBoxes {
  readonly tile: Tile;
  readonly set: Objects & Partial<Pick<Candidates, 'capped'>>;
}

export interface Merged {
  readonly set: Objects;
  /** A tile held more objects than are taken from one, or than its model can answer. */
  readonly capped: boolean;
}

/** The usual 300 miscounts trays. */
export const TILE_OBJECTS_MAX = 1_500;
/** A box that ends this close to a tile's inner edge was cut by it. */
const CUT_MARGIN_PX = 2;
/** A whole box stands for a cut one of which it covers this share. */
const COVERED_SHARE = 0.6;
/** Two cut boxes are one object if they share this much of the smaller. */
const JOINED_SHARE = 0.4;

/**
 * Puts the tiles of one photo together, best score first. Plain suppression counts an object that a
 * tile's edge has cut twice: its part overlaps the whole too little. So a cut box is dropped where
 * a whole one from another tile covers it, or joined with its other part; then overlapping boxes
 * suppress each other within their class. The same rule, with the same numbers, as
 * models/train/count.py, by which the model was measured.
 */
export function mergeTiles(
  tiles: readonly TileBoxes[],
  photo: Size,
  suppression: Suppression,
): Merged {
  let capped = false;
  const cleaned = tiles.map(({ tile, set }) => {
    const kept = suppress(set, suppression);
    capped ||= kept.length > TILE_OBJECTS_MAX || set.capped === true;
    return { tile, set: pickObjects(set, kept.subarray(0, TILE_OBJECTS_MAX)) };
  });
  const all = concatObjects(cleaned.map((part) => part.set));
  if (cleaned.length <= 1) return { set: all, capped };
  const owners = cleaned.flatMap((part) => Array<Tile>(part.set.scores.length).fill(part.tile));
  const joined = resolveCut(all, owners, photo);
  return { set: pickObjects(joined, suppress(joined, suppression)), capped };
}

/** Drops or joins the boxes that were cut; whole ones come back as they were. */
function resolveCut(all: Objects, owners: readonly Tile[], photo: Size): Objects {
  const { boxes } = all;
  const cut = owners.map((tile, index) => isCut(boxes, index, tile, photo));
  const grid = new BoxGrid(boxes);
  for (let i = 0; i < owners.length; i++) grid.add(i);

  /** Calls `visit` for each box of the same class that another tile has seen near box `i`. */
  const someElsewhere = (i: number, visit: (j: number) => boolean) =>
    grid.some(i, (j) => owners[i] !== owners[j] && all.classes[i] === all.classes[j] && visit(j));
  const covered = (i: number) =>
    someElsewhere(i, (j) => !cut[j] && intersection(boxes, i, j) >= COVERED_SHARE * area(boxes, i));

  const groups: number[][] = [];
  const open = new Set<number>();
  for (let i = 0; i < owners.length; i++) {
    if (!cut[i]) groups.push([i]);
    else if (!covered(i)) open.add(i);
  }
  for (const i of open) {
    open.delete(i);
    const group = [i];
    someElsewhere(i, (j) => {
      const smaller = Math.min(area(boxes, i), area(boxes, j));
      if (open.has(j) && intersection(boxes, i, j) >= JOINED_SHARE * smaller) {
        open.delete(j);
        group.push(j);
      }
      return false;
    });
    groups.push(group);
  }
  return unite(all, groups);
}

function isCut(boxes: Float32Array, index: number, tile: Tile, photo: Size): boolean {
  const i = 4 * index;
  const right = tile.x + tile.width;
  const bottom = tile.y + tile.height;
  return (
    (tile.x > 0 && boxes[i]! < tile.x + CUT_MARGIN_PX) ||
    (tile.y > 0 && boxes[i + 1]! < tile.y + CUT_MARGIN_PX) ||
    (right < photo.width && boxes[i + 2]! > right - CUT_MARGIN_PX) ||
    (bottom < photo.height && boxes[i + 3]! > bottom - CUT_MARGIN_PX)
  );
}

/**
 * One box around each group, with its best score and all parts of its mask. What else there is comes
 * from the part that shows most of the object.
 */
function unite(all: Objects, groups: readonly (readonly number[])[]): Objects {
  const largest = (group: readonly number[]) =>
    group.reduce((a, b) => (area(all.boxes, b) > area(all.boxes, a) ? b : a));
  const { masks } = all;
  const united = {
    ...pickObjects(all, groups.map(largest)),
    masks: masks && groups.map((group) => group.flatMap((index) => masks[index]!)),
  };
  for (const [k, group] of groups.entries()) {
    for (const index of group) {
      const from = all.boxes.subarray(4 * index, 4 * index + 4);
      const to = united.boxes.subarray(4 * k, 4 * k + 4);
      to[0] = Math.min(to[0]!, from[0]!);
      to[1] = Math.min(to[1]!, from[1]!);
      to[2] = Math.max(to[2]!, from[2]!);
      to[3] = Math.max(to[3]!, from[3]!);
      united.scores[k] = Math.max(united.scores[k]!, all.scores[index]!);
    }
  }
  return united;
}
