import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icon.tsx';
import { createZoom, type Zoom } from './zoom.ts';

interface ZoomFrameProps {
  readonly class: string;
  readonly label: string;
  /** Width ÷ height of the frame; unset: that of what is in it. */
  readonly ratio?: number;
  /** Zoomed and moved. */
  readonly children: ComponentChildren;
  /** Stays in its place over the stage. */
  readonly over?: ComponentChildren;
}

/** A frame in which something is zoomed by wheel, fingers, buttons and keys. */
export function ZoomFrame({ class: className, label, ratio, children, over }: ZoomFrameProps) {
  const frame = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const zoom = useRef<Zoom | undefined>(undefined);
  useEffect(() => {
    if (!stage.current || !frame.current) return;
    const made = createZoom(stage.current, frame.current);
    zoom.current = made;
    return () => made.destroy();
  }, []);
  return (
    <figure
      ref={frame}
      class={`zoom ${className}`}
      style={ratio ? { '--ratio': `${ratio}` } : undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved and zoomed with keys
      tabIndex={0}
      aria-label={label}
      onKeyDown={(event) => zoom.current?.onKey(event)}
    >
      <div class="zoom-stage" ref={stage}>
        {children}
      </div>
      {over}
      <div class="zoom-buttons">
        <ZoomButton icon="plus" label={texts.zoom.in} onClick={() => zoom.current?.in()} />
        <ZoomButton icon="minus" label={texts.zoom.out} onClick={() => zoom.current?.out()} />
        <ZoomButton icon="whole" label={texts.zoom.reset} onClick={() => zoom.current?.reset()} />
      </div>
    </figure>
  );
}

interface ZoomButtonProps {
  readonly icon: 'plus' | 'minus' | 'whole';
  readonly label: string;
  readonly onClick: () => void;
}

function ZoomButton({ icon, label, onClick }: ZoomButtonProps) {
  return (
    <button
      type="button"
      class="button button-icon"
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
