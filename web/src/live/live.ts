import { signal } from '@preact/signals';
import type { PhotoEvent } from '../api/shapes.ts';

/** States: connecting → live ⇄ lost; a lost stream is opened again with growing pauses. */
export type LiveState = 'connecting' | 'live' | 'lost';

export const liveState = signal<LiveState>('connecting');
/** Inference servers that count now; undefined until it is known. */
export const serverCount = signal<number | undefined>(undefined);

const RETRY_MS = { first: 1000, most: 15_000 };

type Listener = (event: PhotoEvent) => void;
const photoListeners = new Set<Listener>();
const resyncListeners = new Set<() => void>();
const systemListeners = new Set<() => void>();
const edgeListeners = new Set<() => void>();

/** Calls with every photo event; answers the end of it. */
export function onPhoto(listener: Listener): () => void {
  photoListeners.add(listener);
  return () => void photoListeners.delete(listener);
}

/** Calls when servers came or went, or a new model version moved on; answers the end of it. */
export function onSystem(listener: () => void): () => void {
  systemListeners.add(listener);
  return () => void systemListeners.delete(listener);
}

/** Calls when an alert of a box was raised or resolved; answers the end of it. */
export function onEdge(listener: () => void): () => void {
  edgeListeners.add(listener);
  return () => void edgeListeners.delete(listener);
}

/** Calls after a gap in which events may have been missed: read again. */
export function onResync(listener: () => void): () => void {
  resyncListeners.add(listener);
  return () => void resyncListeners.delete(listener);
}

/** Listens to the core's events until the answered function is called. */
export function startLive(): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = RETRY_MS.first;
  let openedBefore = false;

  const open = () => {
    source = new EventSource('/api/v1/events');
    source.onopen = () => {
      liveState.value = 'live';
      pauseMs = RETRY_MS.first;
      if (openedBefore) for (const listener of resyncListeners) listener();
      openedBefore = true;
    };
    source.onerror = () => {
      liveState.value = openedBefore ? 'lost' : 'connecting';
      // After an HTTP error the browser gives up by itself; after a cut line it does not, but
      // its pause is not ours to set.
      source?.close();
      clearTimeout(timer);
      timer = setTimeout(open, pauseMs);
      pauseMs = Math.min(pauseMs * 2, RETRY_MS.most);
    };
    source.addEventListener('photo', (event) => {
      const data = parse<PhotoEvent>(event.data);
      if (data) for (const listener of photoListeners) listener(data);
    });
    source.addEventListener('server', (event) => {
      const data = parse<{ servers: number }>(event.data);
      if (data) serverCount.value = data.servers;
      for (const listener of systemListeners) listener();
    });
    source.addEventListener('rollout', () => {
      for (const listener of systemListeners) listener();
    });
    source.addEventListener('edge', () => {
      for (const listener of edgeListeners) listener();
    });
  };
  // A phone that slept has no error to show for it.
  const wake = () => {
    if (document.visibilityState !== 'visible' || liveState.value === 'live') return;
    clearTimeout(timer);
    source?.close();
    open();
  };
  document.addEventListener('visibilitychange', wake);
  addEventListener('online', wake);
  open();
  return () => {
    document.removeEventListener('visibilitychange', wake);
    removeEventListener('online', wake);
    clearTimeout(timer);
    source?.close();
    liveState.value = 'connecting';
  };
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
