/** Line icons on a 24 px grid, drawn for this page. */
const PATHS = {
  camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8',
  photos: 'M4 5h16v14H4zM4 15l5-5 4 4 3-3 4 4M15.5 9v.01',
  box: 'M4 7h16v12H4zM8 11h8M8 15h4M12 7V4m-4 0h8',
  pin: 'M12 21c-4-5-6-8-6-11a6 6 0 1 1 12 0c0 3-2 6-6 11M12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  scan: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M8 8h3v3H8zM14 8h2v2M8 14h2v2M13 13h3v3h-3z',
  check: 'M5 12.5 10 17.5 19 7',
  warning: 'M12 4 2.5 20h19zM12 10v4M12 17v.5',
  broken: 'M6 6l12 12M18 6 6 18',
  wait: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3 2',
  phone: 'M7 3h10v18H7zM11 18h2',
  send: 'M12 20V5M6 11l6-6 6 6',
  gallery: 'M7 4h13v13H7zM4 7v13h13M7 14l4-4 3 3 2-2 4 4',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 24 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
