import { describe, expect, test } from 'bun:test';
import { href, parseRoute, type Route } from './router.ts';

const PHOTO = 'ab'.repeat(32);

describe('addresses', () => {
  const routes: Route[] = [
    { page: 'photos', filter: 'all' },
    { page: 'photos', filter: 'waiting' },
    { page: 'photos', filter: 'refused', locationId: 'a b&c' },
    { page: 'photo', photoId: PHOTO },
    { page: 'map' },
    { page: 'map', locationId: '0190' },
    { page: 'stock' },
    { page: 'servers' },
  ];
  for (const route of routes) {
    test(`${href(route)} leads back to its route`, () => {
      expect(parseRoute(href(route))).toEqual(route);
    });
  }

  test('an unknown address shows all photos', () => {
    for (const hash of ['', '#', '#/', '#/nowhere', '#/photos/short', '#/photos?show=odd']) {
      expect(parseRoute(hash)).toEqual({ page: 'photos', filter: 'all' });
    }
  });
});
