import type { ReadonlySignal, Signal } from '@preact/signals';
import { texts } from '../texts.ts';
import { type Box, colourOf, countByClass } from './boxes.ts';

interface BoxControlsProps {
  readonly shown: Signal<boolean>;
  /** Boxes below this confidence (0–1) are hidden. */
  readonly least: Signal<number>;
  readonly boxes: ReadonlySignal<readonly Box[]>;
  readonly visible: ReadonlySignal<readonly Box[]>;
  readonly names: readonly string[];
}

export function BoxControls({ shown, least, boxes, visible, names }: BoxControlsProps) {
  return (
    <section class="panel box-controls" aria-label={texts.photo.boxes}>
      <div class="box-controls-row">
        <label class="switch">
          <input
            type="checkbox"
            role="switch"
            aria-checked={shown.value}
            checked={shown.value}
            onChange={(event) => {
              shown.value = event.currentTarget.checked;
            }}
          />
          <span>{texts.photo.boxes}</span>
        </label>
        <label class="slider">
          <span>
            {texts.photo.confidence} <output>{texts.photo.percent(least.value)}</output>
          </span>
          <input
            type="range"
            min="0"
            max="1"
            step="0.01"
            value={least.value}
            disabled={!shown.value}
            onInput={(event) => {
              least.value = event.currentTarget.valueAsNumber;
            }}
          />
        </label>
      </div>
      <ul class="legend" aria-label={texts.photo.perClass}>
        {countByClass(boxes.value, names).map(({ classId, name, count }) => (
          <li key={classId}>
            <span class={`legend-mark mark-${colourOf(classId)}`} aria-hidden="true" />
            {name} <b>{texts.number(count)}</b>
          </li>
        ))}
        <li class="quiet legend-shown">
          {texts.photo.boxesShown(visible.value.length, boxes.value.length)}
        </li>
      </ul>
    </section>
  );
}
