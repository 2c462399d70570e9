import { texts } from '../texts.ts';

export function Logo() {
  return (
    <span class="logo">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" class="logo-ground" />
        <path
          class="logo-sprout"
          d="M16 26V14m0 4c-5 0-8-3-8-8 5 0 8 3 8 8Zm0-3c0-4 2.5-7 8-8 0 5-3 8-8 8Z"
        />
      </svg>
      {texts.product}
    </span>
  );
}
