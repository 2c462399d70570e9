/**
 * A believable small nursery of cacti and succulents, as data: a greenhouse and a shade house in
 * a valley, with the codes that stand on the tags of their benches.
 */

/** South-west corner of the nursery: longitude, latitude. */
export const CORNER = { longitude: -70.6735, latitude: -33.6412 } as const;
export const TIMEZONE = 'America/Santiago';

/** Metres from the corner, eastwards and northwards. */
export interface Rectangle {
  readonly east: number;
  readonly north: number;
  readonly width: number;
  readonly depth: number;
}

export interface SeedArea {
  readonly code: string;
  readonly name: string;
  readonly position: 'N' | 'S' | 'E' | 'W' | 'C';
  readonly at: Rectangle;
  /** Benches in a row, by what stands on them. */
  readonly locations: readonly { readonly code: string; readonly sku: string }[];
}

export interface SeedWarehouse {
  readonly code: string;
  readonly name: string;
  readonly kind: 'greenhouse' | 'shadehouse';
  readonly at: Rectangle;
  readonly areas: readonly SeedArea[];
}

export const WAREHOUSES: readonly SeedWarehouse[] = [
  {
    code: 'GH1',
    name: 'Greenhouse 1',
    kind: 'greenhouse',
    at: { east: 0, north: 0, width: 40, depth: 20 },
    areas: [
      {
        code: 'GH1-A1',
        name: 'Bed A1',
        position: 'N',
        at: { east: 1, north: 10.5, width: 38, depth: 8.5 },
        locations: [
          { code: 'A1-01', sku: 'MAM-HAHN' },
          { code: 'A1-02', sku: 'MAM-ELON' },
          { code: 'A1-03', sku: 'ECH-ELEG' },
          { code: 'A1-04', sku: 'ECH-PERL' },
        ],
      },
      {
        code: 'GH1-A2',
        name: 'Bed A2',
        position: 'S',
        at: { east: 1, north: 1, width: 38, depth: 8.5 },
        locations: [
          { code: 'A2-01', sku: 'GYM-MIHA' },
          { code: 'A2-02', sku: 'GYM-BALD' },
          { code: 'A2-03', sku: 'HAW-FASC' },
          { code: 'A2-04', sku: 'HAW-COOP' },
        ],
      },
    ],
  },
  {
    code: 'SH1',
    name: 'Shade house 1',
    kind: 'shadehouse',
    at: { east: 50, north: 0, width: 30, depth: 20 },
    areas: [
      {
        code: 'SH1-B1',
        name: 'Bed B1',
        position: 'C',
        at: { east: 51, north: 6, width: 28, depth: 8.5 },
        locations: [
          { code: 'B1-01', sku: 'SED-MORG' },
          { code: 'B1-02', sku: 'SED-RUBR' },
          { code: 'B1-03', sku: 'CRA-OVAT' },
          { code: 'B1-04', sku: 'ALO-VERA' },
        ],
      },
    ],
  },
];

/** Benches of 2.4 m × 1.2 m, in rows of ten with paths between them. */
export const BENCH = { width: 2.4, depth: 1.2, stepEast: 3.4, stepNorth: 2, perRow: 8, rows: 4 };

export const CATEGORIES = [
  { code: 'cacti', name: 'Cacti' },
  { code: 'succulents', name: 'Succulents' },
] as const;

export const FAMILIES = [
  { code: 'mammillaria', name: 'Mammillaria', category: 'cacti' },
  { code: 'gymnocalycium', name: 'Gymnocalycium', category: 'cacti' },
  { code: 'echeveria', name: 'Echeveria', category: 'succulents' },
  { code: 'haworthia', name: 'Haworthia', category: 'succulents' },
  { code: 'sedum', name: 'Sedum', category: 'succulents' },
  { code: 'crassula', name: 'Crassula', category: 'succulents' },
  { code: 'aloe', name: 'Aloe', category: 'succulents' },
] as const;

export const PRODUCTS = [
  {
    sku: 'MAM-HAHN',
    common: 'Old lady cactus',
    scientific: 'Mammillaria hahniana',
    family: 'mammillaria',
  },
  {
    sku: 'MAM-ELON',
    common: 'Gold lace cactus',
    scientific: 'Mammillaria elongata',
    family: 'mammillaria',
  },
  {
    sku: 'GYM-MIHA',
    common: 'Moon cactus',
    scientific: 'Gymnocalycium mihanovichii',
    family: 'gymnocalycium',
  },
  {
    sku: 'GYM-BALD',
    common: 'Dwarf chin cactus',
    scientific: 'Gymnocalycium baldianum',
    family: 'gymnocalycium',
  },
  {
    sku: 'ECH-ELEG',
    common: 'Mexican snowball',
    scientific: 'Echeveria elegans',
    family: 'echeveria',
  },
  {
    sku: 'ECH-PERL',
    common: 'Perle von Nürnberg',
    scientific: "Echeveria 'Perle von Nürnberg'",
    family: 'echeveria',
  },
  {
    sku: 'HAW-FASC',
    common: 'Zebra plant',
    scientific: 'Haworthiopsis fasciata',
    family: 'haworthia',
  },
  {
    sku: 'HAW-COOP',
    common: "Cooper's haworthia",
    scientific: 'Haworthia cooperi',
    family: 'haworthia',
  },
  { sku: 'SED-MORG', common: "Burro's tail", scientific: 'Sedum morganianum', family: 'sedum' },
  {
    sku: 'SED-RUBR',
    common: 'Jelly bean plant',
    scientific: 'Sedum rubrotinctum',
    family: 'sedum',
  },
  { sku: 'CRA-OVAT', common: 'Jade plant', scientific: 'Crassula ovata', family: 'crassula' },
  { sku: 'ALO-VERA', common: 'Aloe vera', scientific: 'Aloe vera', family: 'aloe' },
] as const;

export const STATES = [
  { code: 'seed', name: 'Seed', sellable: false },
  { code: 'germinated', name: 'Germinated', sellable: false },
  { code: 'seedling', name: 'Seedling', sellable: false },
  { code: 'juvenile', name: 'Juvenile', sellable: true },
  { code: 'adult', name: 'Adult', sellable: true },
  { code: 'flowering', name: 'Flowering', sellable: true },
  { code: 'dormant', name: 'Dormant', sellable: true },
  { code: 'dead', name: 'Dead', sellable: false },
] as const;

export const SIZES = [
  { code: 'S', name: 'Small', min: 0, max: 8 },
  { code: 'M', name: 'Medium', min: 8, max: 15 },
  { code: 'L', name: 'Large', min: 15, max: 30 },
  { code: 'XL', name: 'Extra large', min: 30, max: null },
] as const;

export const PACKAGING_TYPES = [
  { code: 'pot', name: 'Pot' },
  { code: 'tray', name: 'Tray' },
] as const;
export const PACKAGING_MATERIALS = [
  { code: 'plastic', name: 'Plastic' },
  { code: 'clay', name: 'Clay' },
] as const;
export const PACKAGING_COLORS = [
  { code: 'black', name: 'Black' },
  { code: 'terracotta', name: 'Terracotta' },
] as const;

export const PACKAGINGS = [
  {
    sku: 'POT-05-BLK',
    name: 'Pot 5 cm, black',
    type: 'pot',
    material: 'plastic',
    color: 'black',
    volume: 0.06,
    diameter: 5,
    height: 4.5,
  },
  {
    sku: 'POT-08-BLK',
    name: 'Pot 8.5 cm, black',
    type: 'pot',
    material: 'plastic',
    color: 'black',
    volume: 0.27,
    diameter: 8.5,
    height: 7,
  },
  {
    sku: 'POT-12-TER',
    name: 'Clay pot 12 cm',
    type: 'pot',
    material: 'clay',
    color: 'terracotta',
    volume: 0.8,
    diameter: 12,
    height: 11,
  },
  {
    sku: 'TRAY-72',
    name: 'Plug tray, 72 cells',
    type: 'tray',
    material: 'plastic',
    color: 'black',
    volume: null,
    diameter: null,
    height: 5,
  },
] as const;

/** Wholesale and retail price of a unit, by packaging and category. */
export const PRICES = [
  { packaging: 'POT-05-BLK', category: 'cacti', wholesale: 450, retail: 990, box: 40 },
  { packaging: 'POT-05-BLK', category: 'succulents', wholesale: 400, retail: 890, box: 40 },
  { packaging: 'POT-08-BLK', category: 'cacti', wholesale: 950, retail: 1990, box: 18 },
  { packaging: 'POT-08-BLK', category: 'succulents', wholesale: 850, retail: 1790, box: 18 },
  { packaging: 'POT-12-TER', category: 'cacti', wholesale: 2900, retail: 5990, box: 8 },
  { packaging: 'POT-12-TER', category: 'succulents', wholesale: 2600, retail: 4990, box: 8 },
] as const;

export const BIN_TYPES = [
  {
    code: 'PLUG-72',
    name: 'Plug tray 6 × 12',
    kind: 'plug_tray',
    rows: 6,
    columns: 12,
    length: 54,
    width: 28,
  },
  {
    code: 'SEED-20',
    name: 'Seedling tray 4 × 5',
    kind: 'seedling_tray',
    rows: 4,
    columns: 5,
    length: 53,
    width: 30,
  },
] as const;
