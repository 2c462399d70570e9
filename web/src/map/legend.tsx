import { texts } from '../texts.ts';
import type { Colouring } from './map-page.tsx';
import { AGES, SHADES } from './shade.ts';

/** Chooses what colours mean, and says it. */
export function Legend({ colouring }: { readonly colouring: { value: Colouring } }) {
  const byPlants = colouring.value === 'plants';
  return (
    <div class="map-legend">
      <label class="field field-inline">
        <span>{texts.map.colourBy}</span>
        <select
          value={colouring.value}
          onChange={(event) => {
            colouring.value = event.currentTarget.value === 'age' ? 'age' : 'plants';
          }}
        >
          <option value="plants">{texts.map.byPlants}</option>
          <option value="age">{texts.map.byAge}</option>
        </select>
      </label>
      <ul class="map-shades">
        {byPlants && <li>{texts.map.less}</li>}
        {byPlants &&
          Array.from({ length: SHADES + 1 }, (_, shade) => (
            <li key={`shade-${shade}`} class={`map-shade shade-${shade}`} />
          ))}
        {byPlants && <li>{texts.map.more}</li>}
        {!byPlants &&
          AGES.map((age) => (
            <li key={age}>
              <span class={`map-shade age-${age}`} /> {texts.map.ages[age]}
            </li>
          ))}
      </ul>
    </div>
  );
}
