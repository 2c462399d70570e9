import { useEffect } from 'preact/hooks';
import { readPlaces, warehouses } from './places.ts';

interface PlaceSelectProps {
  readonly label: string;
  /** What choosing no place means. */
  readonly none: string;
  readonly value: string;
  readonly onChange: (locationId: string) => void;
}

/** The browser's own select: works with keys, fingers and screen readers, however long it is. */
export function PlaceSelect({ label, none, value, onChange }: PlaceSelectProps) {
  useEffect(() => {
    if (!warehouses.value) void readPlaces();
  }, []);
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{none}</option>
        {(warehouses.value ?? []).flatMap((warehouse) =>
          warehouse.areas.map((area) => (
            <optgroup key={area.id} label={`${warehouse.name} · ${area.name}`}>
              {area.locations.map(({ id, code, name }) => (
                <option key={id} value={id}>
                  {code === name ? name : `${name} (${code})`}
                </option>
              ))}
            </optgroup>
          )),
        )}
      </select>
    </label>
  );
}
