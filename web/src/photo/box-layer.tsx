import { type ReadonlySignal, useSignal } from '@preact/signals';
import { texts } from '../texts.ts';
import { type Box, colourOf } from './boxes.ts';

interface BoxLayerProps {
  readonly boxes: ReadonlySignal<readonly Box[]>;
  readonly names: readonly string[];
  /** Of the upright photo, in whose pixels the boxes are. */
  readonly width: number;
  readonly height: number;
}

/** Boxes over the photo; lines keep their width at every zoom. */
export function BoxLayer({ boxes, names, width, height }: BoxLayerProps) {
  const pointed = useSignal<Box | undefined>(undefined);
  const point = (event: Event) => {
    const index = (event.target as SVGElement).dataset.index;
    pointed.value = index === undefined ? undefined : boxes.value[Number(index)];
  };
  return (
    <>
      <svg
        class="boxes"
        viewBox={`0 0 ${width} ${height}`}
        aria-hidden="true"
        onPointerOver={point}
        onPointerLeave={point}
      >
        {boxes.value.map((box, index) => (
          <rect
            key={index}
            class={`box box-${colourOf(box.classId)}`}
            data-index={index}
            x={box.x}
            y={box.y}
            width={box.width}
            height={box.height}
          />
        ))}
      </svg>
      {pointed.value && (
        <PointedBox box={pointed.value} names={names} width={width} height={height} />
      )}
    </>
  );
}

function PointedBox({ box, names, width, height }: Omit<BoxLayerProps, 'boxes'> & { box: Box }) {
  const style = { left: `${(box.x / width) * 100}%`, top: `${(box.y / height) * 100}%` };
  return (
    <span class="box-label" style={style}>
      {names[box.classId] ?? `#${box.classId}`} {texts.photo.percent(box.confidence)}
    </span>
  );
}
