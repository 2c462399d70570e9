import { bench, cloth, gravel, type Size, soil } from './grounds.ts';
import { blackPot, clayPot, grid, scatter, squarePot } from './layouts.ts';
import { echeveria, globeCactus, mammillaria, rosette, seedling } from './plants.ts';
import type { Random } from './random.ts';
import { type Camera, GOOD_CAMERA, type Scene } from './scene.ts';

/** How a sample says where it was taken. */
export type PlaceClaim = 'named' | 'tag' | 'gps' | 'none';

export interface Sample {
  readonly file: string;
  readonly scene: (random: Random) => Scene;
  readonly camera: Camera;
  readonly claim: PlaceClaim;
  /** How it reaches the edge: sent by a camera, or dropped into the watched folder. */
  readonly by: 'camera' | 'folder';
}

const WIDE: Size = { width: 1600, height: 1200 };
const CACTI = [globeCactus, globeCactus, mammillaria];

/** The photos of the demo: rendered by us, each of another kind. */
export const SAMPLES: readonly Sample[] = [
  {
    file: 'tray-of-twenty.jpg',
    claim: 'named',
    by: 'camera',
    camera: GOOD_CAMERA,
    scene: (random) => ({
      size: WIDE,
      ground: bench,
      below: '<rect x="130" y="55" width="1340" height="1090" rx="26" fill="#0f0f10"/>',
      spots: grid(
        {
          size: WIDE,
          columns: 5,
          rows: 4,
          pitch: 262,
          radius: [0.36, 0.46],
          plants: [rosette],
          empty: [13],
          pot: squarePot,
        },
        random,
      ),
    }),
  },
  {
    file: 'cacti-in-clay.jpg',
    claim: 'tag',
    by: 'camera',
    camera: GOOD_CAMERA,
    scene: (random) => ({
      size: WIDE,
      ground: cloth,
      spots: grid(
        {
          size: WIDE,
          columns: 6,
          rows: 4,
          pitch: 236,
          radius: [0.25, 0.34],
          plants: CACTI,
          empty: [17],
          pot: clayPot,
          jitter: 0.03,
        },
        random,
      ),
    }),
  },
  {
    file: 'echeverias-on-gravel.jpg',
    claim: 'gps',
    by: 'folder',
    camera: GOOD_CAMERA,
    scene: (random) => ({
      size: WIDE,
      ground: gravel,
      spots: scatter({ size: WIDE, count: 16, radius: [72, 110], plants: [echeveria] }, random),
    }),
  },
  {
    file: 'seedlings-in-plugs.jpg',
    claim: 'named',
    by: 'camera',
    camera: GOOD_CAMERA,
    scene: (random) => ({
      size: WIDE,
      ground: bench,
      below: '<rect x="70" y="35" width="1460" height="1130" rx="18" fill="#0f0f10"/>',
      spots: grid(
        {
          size: WIDE,
          columns: 9,
          rows: 7,
          pitch: 160,
          radius: [0.3, 0.4],
          plants: [seedling],
          empty: [7, 22, 23, 41, 58],
          pot: squarePot,
        },
        random,
      ),
    }),
  },
  {
    file: 'mixed-pots.jpg',
    claim: 'none',
    by: 'camera',
    camera: GOOD_CAMERA,
    scene: (random) => ({
      size: WIDE,
      ground: soil,
      spots: grid(
        {
          size: WIDE,
          columns: 5,
          rows: 3,
          pitch: 300,
          radius: [0.28, 0.38],
          plants: [echeveria, rosette, globeCactus],
          pot: blackPot,
          jitter: 0.04,
        },
        random,
      ),
    }),
  },
  {
    file: 'blurred-tray.jpg',
    claim: 'named',
    by: 'camera',
    camera: { blur: 7, noise: 3, quality: 80 },
    scene: (random) => ({
      size: WIDE,
      ground: cloth,
      spots: grid(
        {
          size: WIDE,
          columns: 4,
          rows: 3,
          pitch: 320,
          radius: [0.34, 0.42],
          plants: [rosette],
          pot: squarePot,
        },
        random,
      ),
    }),
  },
];
