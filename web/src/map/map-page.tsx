import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Warehouse } from '../api/shapes.ts';
import { onPhoto, onResync } from '../live/live.ts';
import { placesProblem, readPlaces, warehouses } from '../places/places.ts';
import { texts } from '../texts.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { Legend } from './legend.tsx';
import { MapView } from './map-view.tsx';
import { PlaceDetail } from './place-detail.tsx';
import { PlaceList } from './place-list.tsx';

/** Counts change in bursts while photos come in. */
const BURST_MS = 1000;

export type Colouring = 'plants' | 'age';

export function MapPage({ locationId }: { readonly locationId?: string | undefined }) {
  useEffect(keepPlacesTrue, []);
  const colouring = useSignal<Colouring>('plants');
  const all = warehouses.value;
  const problem = placesProblem.value;
  if (!all && problem) return <Failed problem={problem} onRetry={() => void readPlaces()} />;
  if (!all) return <Loading label={texts.loading} />;
  if (all.length === 0) return <Empty title={texts.map.empty} hint={texts.map.emptyHint} />;
  const selected = all.find((warehouse) => holds(warehouse, locationId));
  return <Shown all={all} selected={selected} locationId={locationId} colouring={colouring} />;
}

interface ShownProps {
  readonly all: readonly Warehouse[];
  readonly selected: Warehouse | undefined;
  readonly locationId: string | undefined;
  readonly colouring: { value: Colouring };
}

function Shown({ all, selected, locationId, colouring }: ShownProps) {
  const chosen = useSignal(selected?.id ?? (all.length === 1 ? all[0]!.id : ''));
  useEffect(() => {
    if (selected) chosen.value = selected.id;
  }, [selected?.id]);
  const shown = all.filter(({ id }) => chosen.value === '' || id === chosen.value);
  return (
    <>
      <div class="page-head">
        <h1>{texts.map.title}</h1>
        <Legend colouring={colouring} />
      </div>
      {all.length > 1 && (
        <fieldset class="segments" aria-label={texts.map.warehouses}>
          {[{ id: '', name: texts.map.all }, ...all].map(({ id, name }) => (
            <button
              key={id}
              type="button"
              class="segment"
              aria-pressed={id === chosen.value}
              onClick={() => {
                chosen.value = id;
              }}
            >
              {name}
            </button>
          ))}
        </fieldset>
      )}
      <div class="map">
        <div class="map-main">
          <MapView
            key={chosen.value}
            warehouses={shown}
            locationId={locationId}
            colouring={colouring.value}
          />
          <PlaceDetail locationId={locationId} />
        </div>
        <PlaceList warehouses={shown} locationId={locationId} />
      </div>
    </>
  );
}

function holds({ areas }: Warehouse, locationId: string | undefined): boolean {
  return areas.some(({ locations }) => locations.some(({ id }) => id === locationId));
}

function keepPlacesTrue(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopPhotos = onPhoto(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void readPlaces();
    }, BURST_MS);
  });
  const stopResync = onResync(() => void readPlaces());
  void readPlaces();
  return () => {
    stopPhotos();
    stopResync();
    clearTimeout(timer);
  };
}
