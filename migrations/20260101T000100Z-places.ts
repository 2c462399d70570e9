import { type Kysely, sql } from 'kysely';

/**
 * Places in four levels. The upper three have polygons (SRID 4326, lon lat) whose area and
 * centroid the database computes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table warehouses (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      code text not null,
      name text not null,
      kind text not null check (kind in ('greenhouse', 'shadehouse', 'open_field', 'tunnel')),
      -- IANA; decides days, months, batch codes and zone-less EXIF times.
      timezone text not null,
      geom geometry(Polygon, 4326) not null,
      area_m2 double precision generated always as (ST_Area(geom::geography)) stored,
      centroid geometry(Point, 4326) generated always as (ST_Centroid(geom)) stored,
      created_at timestamptz not null default now(),
      retired_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, code)
    )`.execute(db);

  await sql`
    create table storage_areas (
      organisation_id uuid not null,
      id uuid not null,
      warehouse_id uuid not null,
      code text not null,
      name text not null,
      position text check (position in ('N', 'S', 'E', 'W', 'C')),
      geom geometry(Polygon, 4326) not null,
      area_m2 double precision generated always as (ST_Area(geom::geography)) stored,
      centroid geometry(Point, 4326) generated always as (ST_Centroid(geom)) stored,
      created_at timestamptz not null default now(),
      retired_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, code),
      foreign key (organisation_id, warehouse_id) references warehouses (organisation_id, id)
    )`.execute(db);
  await sql`
    create index storage_areas_warehouse on storage_areas (organisation_id, warehouse_id)`.execute(
    db,
  );

  await sql`
    create table storage_locations (
      organisation_id uuid not null,
      id uuid not null,
      storage_area_id uuid not null,
      -- What the tag (QR or Data Matrix) at the place says.
      code text not null,
      name text not null,
      geom geometry(Polygon, 4326) not null,
      area_m2 double precision generated always as (ST_Area(geom::geography)) stored,
      centroid geometry(Point, 4326) generated always as (ST_Centroid(geom)) stored,
      created_at timestamptz not null default now(),
      retired_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, code),
      foreign key (organisation_id, storage_area_id) references storage_areas (organisation_id, id)
    )`.execute(db);
  await sql`
    create index storage_locations_area
      on storage_locations (organisation_id, storage_area_id)`.execute(db);
  await sql`create index storage_locations_geom on storage_locations using gist (geom)`.execute(db);
  await sql`
    create index storage_locations_geography
      on storage_locations using gist ((geom::geography))`.execute(db);

  await sql`
    create table storage_bin_types (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      code text not null,
      name text not null,
      kind text not null check (kind in ('plug_tray', 'seedling_tray', 'box', 'segment', 'pot')),
      rows integer check (rows > 0),
      columns integer check (columns > 0),
      capacity integer check (capacity > 0),
      length_cm numeric(8, 2) check (length_cm > 0),
      width_cm numeric(8, 2) check (width_cm > 0),
      height_cm numeric(8, 2) check (height_cm > 0),
      primary key (organisation_id, id),
      unique (organisation_id, code)
    )`.execute(db);

  await sql`
    create table storage_bins (
      organisation_id uuid not null,
      id uuid not null,
      storage_location_id uuid not null,
      storage_bin_type_id uuid not null,
      code text not null,
      created_at timestamptz not null default now(),
      retired_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, code),
      foreign key (organisation_id, storage_location_id)
        references storage_locations (organisation_id, id),
      foreign key (organisation_id, storage_bin_type_id)
        references storage_bin_types (organisation_id, id)
    )`.execute(db);
  await sql`
    create index storage_bins_location
      on storage_bins (organisation_id, storage_location_id)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table storage_bins, storage_bin_types, storage_locations, storage_areas,
    warehouses`.execute(db);
}
