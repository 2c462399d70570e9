import type { Area, Warehouse } from '../api/shapes.ts';
import { href } from '../router.ts';
import { texts } from '../texts.ts';
import { now, timeAgo } from '../ui/time.ts';

interface PlaceListProps {
  readonly warehouses: readonly Warehouse[];
  readonly locationId: string | undefined;
}

/** The map in words: the same places, counts and ages. */
export function PlaceList({ warehouses, locationId }: PlaceListProps) {
  const kinds: Readonly<Record<string, string>> = texts.map.kinds;
  return (
    <div class="place-list">
      {warehouses.map((warehouse) => (
        <section key={warehouse.id} class="panel" aria-label={warehouse.name}>
          <div class="place-list-head">
            <h2>{warehouse.name}</h2>
            <span class="quiet">
              {kinds[warehouse.kind] ?? warehouse.kind}, {texts.map.area(warehouse.area_m2)}
            </span>
            <b>{texts.plants(warehouse.plants)}</b>
          </div>
          {warehouse.areas.map((area) => (
            <AreaRows key={area.id} area={area} locationId={locationId} />
          ))}
        </section>
      ))}
    </div>
  );
}

interface AreaRowsProps {
  readonly area: Area;
  readonly locationId: string | undefined;
}

function AreaRows({ area, locationId }: AreaRowsProps) {
  return (
    <>
      <h3 class="area-name">
        <span>{area.name}</span>
        <span>{texts.number(area.plants)}</span>
      </h3>
      <ul class="rows">
        {area.locations.map(({ id, name, plants, last_count }) => (
          <li key={id}>
            <a
              class="row"
              href={href({ page: 'map', locationId: id })}
              aria-current={id === locationId ? 'true' : undefined}
            >
              <span class="row-name">{name}</span>
              <b>{plants > 0 ? texts.number(plants) : texts.unknown}</b>
              <span class="quiet row-age">
                {last_count ? timeAgo(last_count.at, now.value) : texts.map.never}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
