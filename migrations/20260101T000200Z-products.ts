import { type Kysely, sql } from 'kysely';

/** What is grown, in what it stands, and what should stand where. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['packaging_types', 'packaging_materials', 'packaging_colors'] as const) {
    await sql`
      create table ${sql.table(table)} (
        organisation_id uuid not null references organisations (id),
        id uuid not null,
        code text not null,
        name text not null,
        primary key (organisation_id, id),
        unique (organisation_id, code)
      )`.execute(db);
  }

  await sql`
    create table packagings (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      sku text not null,
      name text not null,
      packaging_type_id uuid,
      packaging_material_id uuid,
      packaging_color_id uuid,
      volume_l numeric(8, 3) check (volume_l > 0),
      diameter_cm numeric(8, 2) check (diameter_cm > 0),
      height_cm numeric(8, 2) check (height_cm > 0),
      retired_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, sku),
      foreign key (organisation_id, packaging_type_id)
        references packaging_types (organisation_id, id),
      foreign key (organisation_id, packaging_material_id)
        references packaging_materials (organisation_id, id),
      foreign key (organisation_id, packaging_color_id)
        references packaging_colors (organisation_id, id)
    )`.execute(db);

  await sql`
    create table product_categories (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      code text not null,
      name text not null,
      primary key (organisation_id, id),
      unique (organisation_id, code)
    )`.execute(db);

  await sql`
    create table product_families (
      organisation_id uuid not null,
      id uuid not null,
      product_category_id uuid not null,
      code text not null,
      name text not null,
      primary key (organisation_id, id),
      unique (organisation_id, code),
      foreign key (organisation_id, product_category_id)
        references product_categories (organisation_id, id)
    )`.execute(db);

  await sql`
    create table products (
      organisation_id uuid not null,
      id uuid not null,
      product_family_id uuid not null,
      sku text not null,
      common_name text not null,
      scientific_name text,
      attributes jsonb not null default '{}',
      created_at timestamptz not null default now(),
      retired_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, sku),
      foreign key (organisation_id, product_family_id)
        references product_families (organisation_id, id)
    )`.execute(db);

  await sql`
    create table product_states (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      code text not null,
      name text not null,
      sellable boolean not null,
      primary key (organisation_id, id),
      unique (organisation_id, code)
    )`.execute(db);

  await sql`
    create table product_sizes (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      code text not null,
      name text not null,
      height_cm_min numeric(8, 2),
      height_cm_max numeric(8, 2),
      primary key (organisation_id, id),
      unique (organisation_id, code),
      check (height_cm_min < height_cm_max)
    )`.execute(db);

  await sql`
    create table price_lists (
      organisation_id uuid not null,
      id uuid not null,
      packaging_id uuid not null,
      product_category_id uuid not null,
      wholesale_unit_price numeric(12, 2) check (wholesale_unit_price >= 0),
      retail_unit_price numeric(12, 2) check (retail_unit_price >= 0),
      units_per_box integer check (units_per_box > 0),
      available boolean not null default true,
      discount_percent numeric(5, 2) not null default 0
        check (discount_percent between 0 and 100),
      updated_at timestamptz not null default now(),
      primary key (organisation_id, id),
      unique (organisation_id, packaging_id, product_category_id),
      foreign key (organisation_id, packaging_id) references packagings (organisation_id, id),
      foreign key (organisation_id, product_category_id)
        references product_categories (organisation_id, id)
    )`.execute(db);

  // What should stand at a location; a change is a new version, the highest one counts.
  await sql`
    create table storage_location_configs (
      organisation_id uuid not null,
      id uuid not null,
      storage_location_id uuid not null,
      version integer not null check (version > 0),
      product_id uuid not null,
      product_state_id uuid,
      packaging_id uuid,
      created_by text not null,
      created_at timestamptz not null default now(),
      primary key (organisation_id, id),
      unique (organisation_id, storage_location_id, version),
      foreign key (organisation_id, storage_location_id)
        references storage_locations (organisation_id, id),
      foreign key (organisation_id, product_id) references products (organisation_id, id),
      foreign key (organisation_id, product_state_id)
        references product_states (organisation_id, id),
      foreign key (organisation_id, packaging_id) references packagings (organisation_id, id)
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table storage_location_configs, price_lists, product_sizes, product_states,
    products, product_families, product_categories, packagings, packaging_colors,
    packaging_materials, packaging_types`.execute(db);
}
