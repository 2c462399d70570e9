import { signal } from '@preact/signals';

/** Behind `#`, so that a reload always finds the page. */
export const VIEWS = ['shoot', 'photos', 'box'] as const;
export type View = (typeof VIEWS)[number];

export const view = signal<View>(read());

function read(): View {
  const name = (globalThis.location?.hash ?? '').replace(/^#\/?/, '');
  return VIEWS.find((known) => known === name) ?? 'shoot';
}

export function followAddress(): void {
  addEventListener('hashchange', () => {
    view.value = read();
  });
}
