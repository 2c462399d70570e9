/** Line icons on a 24 px grid, drawn for our pages: this one and the box's. */
const PATHS = {
  photos: 'M4 7h3l2-3h6l2 3h3v13H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8',
  map: 'M9 4 3 6v14l6-2 6 2 6-2V4l-6 2zM9 4v14M15 6v14',
  stock: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8',
  servers: 'M4 5h16v6H4zM4 13h16v6H4zM8 8v.01M8 16v.01',
  edge: 'M5 10h14v9H5zM8 14.5h.01M12 14.5h.01M12 10V6M8.5 5a5 5 0 0 1 7 0',
  pin: 'M12 21c-4-5-6-8-6-11a6 6 0 1 1 12 0c0 3-2 6-6 11M12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  batch: 'M4 9h16v11H4zM7 9V5h10v4M9 13h6',
  upload: 'M12 16V4M7 9l5-5 5 5M4 20h16',
  out: 'M10 4H5v16h5M10 12h10M16 8l4 4-4 4',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  whole: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  boxes: 'M4 4h7v7H4zM14 7h6v6h-6zM7 14h6v6H7z',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6 6 18',
  warning: 'M12 4 2.5 20h19zM12 10v4M12 17v.5',
  box: 'M4 7h16v12H4zM8 11h8M8 15h4M12 7V4m-4 0h8',
  camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8',
  check: 'M5 12.5 10 17.5 19 7',
  gallery: 'M7 4h13v13H7zM4 7v13h13M7 14l4-4 3 3 2-2 4 4',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  phone: 'M7 3h10v18H7zM11 18h2',
  picture: 'M4 5h16v14H4zM4 15l5-5 4 4 3-3 4 4M15.5 9v.01',
  scan: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M8 8h3v3H8zM14 8h2v2M8 14h2v2M13 13h3v3h-3z',
  send: 'M12 20V5M6 11l6-6 6 6',
  wait: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3 2',
  sprout: 'M12 21V11m0 4c-5 0-7-3-7-7 5 0 7 3 7 7Zm0-2c0-4 2-7 7-8 0 5-3 8-7 8Z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
