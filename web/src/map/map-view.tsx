import type { Area, Location, Warehouse } from '../api/shapes.ts';
import { href } from '../router.ts';
import { texts } from '../texts.ts';
import { now } from '../ui/time.ts';
import { ZoomFrame } from '../zoom/zoom-frame.tsx';
import { fitLabel } from './label.ts';
import type { Colouring } from './map-page.tsx';
import {
  boundsOf,
  createProjection,
  labelPoint,
  type Projection,
  toPath,
  toViewBox,
} from './projection.ts';
import { ageOfCount, shadeOfPlants } from './shade.ts';

/** Height of a warehouse's label to the warehouse's width. */
const LABEL_SHARE = 0.2;
/** Shares of the longer side. */
const MARGIN = { outlines: 0.12, locations: 0.1 };

interface MapViewProps {
  readonly warehouses: readonly Warehouse[];
  readonly locationId: string | undefined;
  readonly colouring: Colouring;
}

/** Warehouses, their areas and locations as they lie, north up; each location is a link. */
export function MapView({ warehouses, locationId, colouring }: MapViewProps) {
  const projection = createProjection(warehouses[0]!.centroid.coordinates);
  const locations = warehouses.flatMap(({ areas }) => areas.flatMap((area) => area.locations));
  const most = Math.max(0, ...locations.map(({ plants }) => plants));
  return (
    <ZoomFrame class="panel map-view" label={texts.map.label}>
      <svg viewBox={viewBoxOf(warehouses, locations, projection)} aria-label={texts.map.title}>
        {warehouses.map((warehouse) => (
          <g key={warehouse.id}>
            <path class="map-warehouse" d={toPath(warehouse.polygon, projection)} />
            {warehouse.areas.map((area) => (
              <AreaShape key={area.id} area={area} projection={projection} />
            ))}
          </g>
        ))}
        {locations.map((location) => (
          <LocationShape
            key={location.id}
            location={location}
            projection={projection}
            shade={shadeOf(location, colouring, most)}
            isSelected={location.id === locationId}
          />
        ))}
        {warehouses.length > 1 &&
          warehouses.map((warehouse) => (
            <WarehouseLabel key={warehouse.id} warehouse={warehouse} projection={projection} />
          ))}
      </svg>
    </ZoomFrame>
  );
}

/** Several warehouses whole; of one the part in which its locations lie, so that they are large. */
function viewBoxOf(
  warehouses: readonly Warehouse[],
  locations: readonly Location[],
  projection: Projection,
): string {
  const isClose = warehouses.length === 1 && locations.length > 0;
  const polygons = (isClose ? locations : warehouses).map(({ polygon }) => polygon);
  const margin = isClose ? MARGIN.locations : MARGIN.outlines;
  return toViewBox(boundsOf(polygons, projection)!, margin);
}

function shadeOf(location: Location, colouring: Colouring, most: number): string {
  if (colouring === 'plants') return `shade-${shadeOfPlants(location.plants, most)}`;
  return `age-${ageOfCount(location.last_count?.at, now.value)}`;
}

interface WarehouseLabelProps {
  readonly warehouse: Warehouse;
  readonly projection: Projection;
}

/** Above its outline in the overview, in which locations are too small to be read. */
function WarehouseLabel({ warehouse, projection }: WarehouseLabelProps) {
  const { minX, maxX, minY } = boundsOf([warehouse.polygon], projection)!;
  const lines = [warehouse.name, texts.plants(warehouse.plants)];
  const size = fitLabel({ minX, maxX, minY: 0, maxY: (maxX - minX) * LABEL_SHARE }, lines).size;
  return (
    <g transform={`translate(${(minX + maxX) / 2} ${minY})`} font-size={size}>
      <text class="map-label map-warehouse-label" y="-1.6em">
        {lines[0]}
      </text>
      <text class="map-count map-warehouse-label" y="-0.45em">
        {lines[1]}
      </text>
    </g>
  );
}

interface AreaProps {
  readonly area: Area;
  readonly projection: Projection;
}

function AreaShape({ area, projection }: AreaProps) {
  return (
    <path class="map-area" d={toPath(area.polygon, projection)}>
      <title>{area.name}</title>
    </path>
  );
}

interface LocationProps {
  readonly location: Location;
  readonly projection: Projection;
  readonly shade: string;
  readonly isSelected: boolean;
}

function LocationShape({ location, projection, shade, isSelected }: LocationProps) {
  const { id, code, name, polygon, plants } = location;
  const label = `${name}: ${plants > 0 ? texts.plants(plants) : texts.map.nothing}`;
  return (
    <a
      class={`map-location ${shade}`}
      href={href({ page: 'map', locationId: id })}
      aria-label={label}
      aria-current={isSelected ? 'true' : undefined}
    >
      <path d={toPath(polygon, projection)}>
        <title>{label}</title>
      </path>
      <Label
        lines={[code, plants > 0 ? texts.number(plants) : '']}
        polygon={polygon}
        projection={projection}
      />
    </a>
  );
}

interface LabelProps {
  readonly lines: readonly string[];
  readonly polygon: Location['polygon'];
  readonly projection: Projection;
}

function Label({ lines, polygon, projection }: LabelProps) {
  const [x, y] = labelPoint(polygon, projection);
  const bounds = boundsOf([polygon], projection)!;
  // Room for a count also where there is none, so that all labels of a bed look alike.
  const { size, isUpright } = fitLabel(bounds, [lines[0] ?? '', lines[1] || '000']);
  const turn = isUpright ? '' : ` rotate(-90)`;
  const given = lines.filter(Boolean);
  return (
    <g transform={`translate(${x} ${y})${turn}`} font-size={size}>
      {given.map((line, index) => (
        <text
          key={line}
          class={index === 0 ? 'map-label' : 'map-count'}
          y={`${(index - (given.length - 1) / 2) * 1.15 + 0.35}em`}
        >
          {line}
        </text>
      ))}
    </g>
  );
}
