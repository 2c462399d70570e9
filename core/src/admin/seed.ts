import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import { geometryOf, type Polygon } from '../db/geometry.ts';
import { insertConfig } from '../stock/place-config.ts';
import type { AdminContext } from './admin-context.ts';
import type { Answer } from './command.ts';
import {
  BENCH,
  BIN_TYPES,
  CATEGORIES,
  CORNER,
  FAMILIES,
  PACKAGING_COLORS,
  PACKAGING_MATERIALS,
  PACKAGING_TYPES,
  PACKAGINGS,
  PRICES,
  PRODUCTS,
  type Rectangle,
  SIZES,
  STATES,
  TIMEZONE,
  WAREHOUSES,
} from './nursery.ts';

/** Makes the nursery of nursery.ts; what has the same code already is left as it is. */
export async function seed(context: AdminContext): Promise<Answer> {
  const organisationId = await context.organisationId();
  return await context.db.transaction().execute(async (trx) => {
    const seeder = new Seeder(trx, organisationId);
    await seeder.products();
    await seeder.packagings();
    await seeder.places();
    return { created: seeder.created, there: seeder.there };
  });
}

/** Metres as a polygon; at this size the earth is flat. */
export function rectangle({ east, north, width, depth }: Rectangle): Polygon {
  const metresPerDegree = 111_320;
  const lonScale = metresPerDegree * Math.cos((CORNER.latitude * Math.PI) / 180);
  const point = (x: number, y: number): [number, number] => [
    CORNER.longitude + x / lonScale,
    CORNER.latitude + y / metresPerDegree,
  ];
  return {
    type: 'Polygon',
    coordinates: [
      [
        point(east, north),
        point(east + width, north),
        point(east + width, north + depth),
        point(east, north + depth),
        point(east, north),
      ],
    ],
  };
}

/** The bench with this number in an area; past the last one they begin again at the first. */
export function bench(area: Rectangle, index: number): Polygon {
  const slot = index % (BENCH.perRow * BENCH.rows);
  return rectangle({
    east: area.east + 0.5 + (slot % BENCH.perRow) * BENCH.stepEast,
    north: area.north + 0.5 + Math.floor(slot / BENCH.perRow) * BENCH.stepNorth,
    width: BENCH.width,
    depth: BENCH.depth,
  });
}

class Seeder {
  created = 0;
  there = 0;
  /** Ids by table and code. */
  readonly #ids = new Map<string, string>();

  constructor(
    private readonly trx: Transaction,
    private readonly organisationId: string,
  ) {}

  async products(): Promise<void> {
    for (const one of CATEGORIES) await this.#put('product_categories', { ...one });
    for (const { category, ...one } of FAMILIES) {
      const product_category_id = this.#id('product_categories', category);
      await this.#put('product_families', { ...one, product_category_id });
    }
    for (const { sku, common, scientific, family } of PRODUCTS) {
      await this.#put('products', {
        sku,
        common_name: common,
        scientific_name: scientific,
        product_family_id: this.#id('product_families', family),
      });
    }
    for (const one of STATES) await this.#put('product_states', { ...one });
    for (const { min, max, ...one } of SIZES) {
      await this.#put('product_sizes', { ...one, height_cm_min: min, height_cm_max: max });
    }
  }

  async packagings(): Promise<void> {
    for (const one of PACKAGING_TYPES) await this.#put('packaging_types', { ...one });
    for (const one of PACKAGING_MATERIALS) await this.#put('packaging_materials', { ...one });
    for (const one of PACKAGING_COLORS) await this.#put('packaging_colors', { ...one });
    for (const { sku, name, type, material, color, volume, diameter, height } of PACKAGINGS) {
      await this.#put('packagings', {
        sku,
        name,
        packaging_type_id: this.#id('packaging_types', type),
        packaging_material_id: this.#id('packaging_materials', material),
        packaging_color_id: this.#id('packaging_colors', color),
        volume_l: volume,
        diameter_cm: diameter,
        height_cm: height,
      });
    }
    for (const { packaging, category, wholesale, retail, box } of PRICES) {
      await this.#price({
        packaging_id: this.#id('packagings', packaging),
        product_category_id: this.#id('product_categories', category),
        wholesale_unit_price: wholesale,
        retail_unit_price: retail,
        units_per_box: box,
      });
    }
    for (const { length, width, ...one } of BIN_TYPES) {
      const capacity = one.rows * one.columns;
      await this.#put('storage_bin_types', {
        ...one,
        capacity,
        length_cm: length,
        width_cm: width,
      });
    }
  }

  async places(): Promise<void> {
    for (const { code, name, kind, at, areas } of WAREHOUSES) {
      const geom = geometryOf(rectangle(at));
      const warehouse = { code, name, kind, timezone: TIMEZONE, geom };
      await this.#put('warehouses', warehouse);
      for (const area of areas) {
        await this.#put('storage_areas', {
          code: area.code,
          name: area.name,
          position: area.position,
          warehouse_id: this.#id('warehouses', code),
          geom: geometryOf(rectangle(area.at)),
        });
        for (const [index, location] of area.locations.entries()) {
          await this.#location(area.code, location, bench(area.at, index));
        }
      }
    }
  }

  async #location(
    areaCode: string,
    { code, sku }: { readonly code: string; readonly sku: string },
    polygon: Polygon,
  ): Promise<void> {
    const isNew = await this.#put('storage_locations', {
      code,
      name: `Bench ${code}`,
      storage_area_id: this.#id('storage_areas', areaCode),
      geom: geometryOf(polygon),
    });
    if (!isNew) return;
    await insertConfig(this.trx, {
      organisationId: this.organisationId,
      locationId: this.#id('storage_locations', code),
      id: newId(),
      createdBy: 'system',
      product_id: this.#id('products', sku),
      product_state_id: this.#id('product_states', 'juvenile'),
    });
  }

  async #price(values: Readonly<Record<string, unknown>>): Promise<void> {
    const row = { organisation_id: this.organisationId, id: newId(), ...values };
    await sql`
      insert into price_lists (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
      values (${sql.join(Object.values(row))})
      on conflict (organisation_id, packaging_id, product_category_id) do nothing`.execute(
      this.trx,
    );
  }

  /** Inserts a row unless its code (or SKU) is there; remembers the id. Answers whether it is new. */
  async #put(table: string, values: Readonly<Record<string, unknown>>): Promise<boolean> {
    const key = 'sku' in values ? 'sku' : 'code';
    const row = { organisation_id: this.organisationId, id: newId(), ...values };
    const { rows } = await sql<{ id: string }>`
      insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
      values (${sql.join(Object.values(row))})
      on conflict (organisation_id, ${sql.ref(key)}) do nothing
      returning id`.execute(this.trx);
    const { rows: found } = await sql<{ id: string }>`
      select id from ${sql.table(table)}
       where organisation_id = ${this.organisationId}
         and ${sql.ref(key)} = ${values[key]}`.execute(this.trx);
    this.#ids.set(`${table}/${values[key]}`, found[0]?.id ?? '');
    if (rows.length > 0) this.created++;
    else this.there++;
    return rows.length > 0;
  }

  #id(table: string, code: string): string {
    const id = this.#ids.get(`${table}/${code}`);
    if (!id) throw new Error(`the nursery names ${table}/${code}, which is not there`);
    return id;
  }
}
