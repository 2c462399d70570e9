import Panzoom, { type PanzoomObject } from '@panzoom/panzoom';

const ZOOM_MAX = 16;
/** Up to this the whole is seen; measured scales are not exact. */
const WHOLE = 1.005;
/** Pixels of the page that an arrow key moves. */
const KEY_STEP_PX = 60;
/** A pointer that moved further than this has dragged and not clicked. */
const CLICK_PX = 5;
/** Limits are measured on the screen: a step taken while another one still moves goes wrong. */
const AT_ONCE = { animate: false };

export interface Zoom {
  in(): void;
  out(): void;
  /** Shows the whole again. */
  reset(): void;
  /** Plus, minus, 0 and the arrows. */
  onKey(event: KeyboardEvent): void;
  destroy(): void;
}

/**
 * Zooms and moves `stage` inside `frame` by wheel, fingers and keys. The stage knows its zoom as
 * `--zoom`, the frame as `data-zoom`.
 */
export function createZoom(stage: HTMLElement, frame: HTMLElement): Zoom {
  const zoom = Panzoom(stage, {
    maxScale: ZOOM_MAX,
    contain: 'outside',
    step: 0.4,
    // The whole lets a finger scroll the page; what is zoomed is moved by it.
    touchAction: 'pan-y',
    cursor: 'default',
  });
  const isZoomed = () => zoom.getScale() > WHOLE;
  const ended = new AbortController();
  const { signal } = ended;
  const showScale = () => {
    const scale = zoom.getScale();
    stage.style.setProperty('--zoom', `${scale}`);
    stage.style.touchAction = isZoomed() ? 'none' : 'pan-y';
    stage.style.cursor = isZoomed() ? 'grab' : 'default';
    frame.dataset.zoom = scale.toFixed(2);
  };
  const onWheel = (event: WheelEvent) => {
    if (event.deltaY < 0 || isZoomed()) zoom.zoomWithWheel(event);
  };
  const onDoubleClick = (event: MouseEvent) =>
    zoom.zoomToPoint(zoom.getScale() * 2, event, AT_ONCE);
  stage.addEventListener('panzoomchange', showScale, { signal });
  stage.addEventListener('dblclick', onDoubleClick, { signal });
  frame.addEventListener('wheel', onWheel, { signal, passive: false });
  keepDragsFromClicking(stage, signal);
  return {
    in: () => void zoom.zoomIn(AT_ONCE),
    out: () => void zoom.zoomOut(AT_ONCE),
    reset: () => void zoom.reset(AT_ONCE),
    onKey: (event) => onKey(event, zoom, isZoomed()),
    destroy: () => {
      ended.abort();
      zoom.destroy();
    },
  };
}

/** Links on the stage are followed by a click, not by moving the stage. */
function keepDragsFromClicking(stage: HTMLElement, signal: AbortSignal): void {
  let start = { x: 0, y: 0 };
  const onDown = ({ clientX, clientY }: PointerEvent) => {
    start = { x: clientX, y: clientY };
  };
  const onClick = (event: MouseEvent) => {
    // A click by key has no place.
    if (event.detail === 0) return;
    const moved = Math.hypot(event.clientX - start.x, event.clientY - start.y);
    if (moved > CLICK_PX) event.preventDefault();
  };
  stage.addEventListener('pointerdown', onDown, { signal, capture: true });
  stage.addEventListener('click', onClick, { signal, capture: true });
  stage.addEventListener('dragstart', (event) => event.preventDefault(), { signal });
}

function onKey(event: KeyboardEvent, zoom: PanzoomObject, isZoomed: boolean): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith('Arrow') && !isZoomed) return;
  const step = KEY_STEP_PX / zoom.getScale();
  const pan = (x: number, y: number) => zoom.pan(x, y, { relative: true, ...AT_ONCE });
  const act = {
    '+': () => zoom.zoomIn(AT_ONCE),
    '=': () => zoom.zoomIn(AT_ONCE),
    '-': () => zoom.zoomOut(AT_ONCE),
    '0': () => zoom.reset(AT_ONCE),
    ArrowLeft: () => pan(step, 0),
    ArrowRight: () => pan(-step, 0),
    ArrowUp: () => pan(0, step),
    ArrowDown: () => pan(0, -step),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}
