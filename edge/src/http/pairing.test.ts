import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { pairPhone, tryPin } from '../_phone.ts';
import { withEdge, withFolder } from '../_testing.ts';
import { showPin } from '../pairing/pin.ts';

setDefaultTimeout(60_000);

const fresh = (use: (url: string, folder: string) => Promise<void>) =>
  withFolder((folder) => withEdge({ DEMETER_EDGE_DATA: folder }, ({ url }) => use(url, folder)));

const wrong = (pin: string) => (pin === '000000' ? '000001' : '000000');

describe('pairing', () => {
  test('a PIN pairs one phone, once, with a cookie that scripts and other sites do not get', () =>
    fresh(async (url, folder) => {
      const { pin } = showPin(folder, Date.now());
      const [first, second] = await Promise.all([tryPin(url, pin), tryPin(url, pin)]);
      expect([first.status, second.status].sort()).toEqual([200, 401]);
      const cookie = (first.ok ? first : second).headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(/HttpOnly/);
      expect(cookie).toMatch(/SameSite=Strict/);
      const { device } = (await (first.ok ? first : second).json()) as { device: object };
      expect(device).toMatchObject({ name: 'Test phone' });
    }));

  test('a PIN has an end, and no PIN pairs where none is shown', () =>
    fresh(async (url, folder) => {
      const { pin } = showPin(folder, Date.now() - 11 * 60_000);
      expect((await tryPin(url, pin)).status).toBe(401);
      expect((await tryPin(url, '123456')).status).toBe(401);
    }));

  test('wrong PINs lock the door, for the right one too', () =>
    fresh(async (url, folder) => {
      const { pin } = showPin(folder, Date.now());
      const statuses: number[] = [];
      for (let tries = 0; tries < 3; tries++) statuses.push((await tryPin(url, wrong(pin))).status);
      expect(statuses).toEqual([401, 401, 401]);
      const locked = await tryPin(url, pin);
      expect(locked.status).toBe(429);
      expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    }));

  test('another site cannot pair, read or change in the name of a phone', () =>
    fresh(async (url, folder) => {
      const { pin } = showPin(folder, Date.now());
      expect((await tryPin(url, pin, { origin: 'http://evil.example' })).status).toBe(403);
      const phone = await pairPhone(url, folder);
      const ask = (headers: Record<string, string>) =>
        fetch(`${url}/page/pin`, { method: 'POST', headers });
      const { cookie = '', ...token } = phone.headers;
      expect((await ask({ cookie })).status).toBe(403);
      expect((await ask({ cookie, ...token, origin: 'http://evil.example' })).status).toBe(403);
      expect((await ask({ cookie, ...token, origin: url })).status).toBe(200);
    }));

  test('without a session the box tells nothing of its photos, places and phones', () =>
    fresh(async (url) => {
      const sha256 = 'ab'.repeat(32);
      const paths = [
        ...['/page/me', '/page/state', '/page/places', '/page/devices', '/page/qr.svg'],
        ...['/page/photos', `/page/photos/${sha256}`, `/page/photos/${sha256}/preview`],
      ];
      const statuses = await Promise.all(
        paths.map(async (path) => (await fetch(url + path)).status),
      );
      expect(statuses).toEqual(paths.map(() => 401));
    }));

  test('a paired phone shows a PIN for the next, and unpairs it', () =>
    fresh(async (url, folder) => {
      const phone = await pairPhone(url, folder);
      const shown = await phone.ask('/page/pin', { method: 'POST' });
      const { pin } = (await shown.json()) as { pin: string };
      const next = await tryPin(url, pin);
      const cookie = next.headers.get('set-cookie')?.split(';')[0] ?? '';
      const { device } = (await next.json()) as { device: { id: string } };
      const { devices } = await phone.read<{ devices: object[] }>('/page/devices');
      expect(devices).toHaveLength(2);
      expect((await fetch(`${url}/page/me`, { headers: { cookie } })).status).toBe(200);
      expect((await phone.ask(`/page/devices/${device.id}`, { method: 'DELETE' })).status).toBe(
        204,
      );
      expect((await fetch(`${url}/page/me`, { headers: { cookie } })).status).toBe(401);
    }));
});
