import { signal } from '@preact/signals';

/**
 * The page's addresses live behind `#`, so that the core needs no rule for them and a reload
 * always works.
 */
export type Route =
  | { readonly page: 'photos'; readonly filter: PhotoFilter; readonly locationId?: string }
  | { readonly page: 'photo'; readonly photoId: string }
  | { readonly page: 'map'; readonly locationId?: string }
  | { readonly page: 'stock' }
  | { readonly page: 'servers' }
  | { readonly page: 'boxes' };

export const PHOTO_FILTERS = ['all', 'waiting', 'refused'] as const;
export type PhotoFilter = (typeof PHOTO_FILTERS)[number];

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, id] = path.split('/');
  const params = new URLSearchParams(query);
  const place = params.get('place');
  const at = place ? { locationId: place } : {};
  if (page === 'photos' && id && /^[0-9a-f]{64}$/.test(id)) return { page: 'photo', photoId: id };
  if (page === 'map') return { page, ...at };
  if (page === 'stock' || page === 'servers' || page === 'boxes') return { page };
  const filter = PHOTO_FILTERS.find((name) => name === params.get('show')) ?? 'all';
  return { page: 'photos', filter, ...at };
}

/** The address of a route, for links. */
export function href(route: Route): string {
  switch (route.page) {
    case 'photo':
      return `#/photos/${route.photoId}`;
    case 'stock':
    case 'servers':
    case 'boxes':
      return `#/${route.page}`;
    case 'map':
      return `#/map${query({ place: route.locationId })}`;
    case 'photos': {
      const show = route.filter === 'all' ? undefined : route.filter;
      return `#/photos${query({ show, place: route.locationId })}`;
    }
    default:
      return route satisfies never;
  }
}

export const route = signal<Route>(parseRoute(globalThis.location?.hash ?? ''));

export function followAddress(): void {
  addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash);
  });
}

function query(params: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => !!entry[1]);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
