import type { PhotoState } from './photo-state.ts';

export function StateChip({ state }: { readonly state: PhotoState }) {
  return (
    <span class={`chip chip-${state.tone}`}>
      <span class="chip-mark" aria-hidden="true" />
      {state.label}
    </span>
  );
}
