import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { pairPhone, tryPin } from '../_phone.ts';
import { withEdge, withFolder } from '../_testing.ts';
import { reachableAddresses } from '../announce/addresses.ts';
import { showPin } from '../pairing/pin.ts';

setDefaultTimeout(60_000);

const fresh = (
  use: (url: string, folder: string) => Promise<void>,
  overrides: Parameters<typeof withEdge>[2] = {},
) =>
  withFolder((folder) =>
    withEdge({ DEMETER_EDGE_DATA: folder }, ({ url }) => use(url, folder), overrides),
  );
/** A door that is locked stays so for the test, however slow the machine is. */
const clock = { ...systemClock, monotonic: () => 1 };

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
      const letters = await tryPin(url, 'secret');
      expect(await letters.json()).toMatchObject({
        status: 400,
        field: 'pin',
        hint: 'pin must be six digits.',
      });
      const { pin } = showPin(folder, Date.now() - 11 * 60_000);
      expect((await tryPin(url, pin)).status).toBe(401);
      expect((await tryPin(url, '123456')).status).toBe(401);
    }));

  test('wrong PINs lock the door, for the right one too', () =>
    fresh(
      async (url, folder) => {
        const { pin } = showPin(folder, Date.now());
        for (let tries = 0; tries < 3; tries++) {
          expect((await tryPin(url, wrong(pin))).status).toBe(401);
        }
        const locked = await tryPin(url, pin);
        expect(locked.status).toBe(429);
        expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
      },
      { clock },
    ));

  test('nobody can lock the door while no PIN is shown', () =>
    fresh(
      async (url, folder) => {
        for (let tries = 0; tries < 5; tries++) {
          expect((await tryPin(url, '123456')).status).toBe(401);
        }
        expect((await tryPin(url, showPin(folder, Date.now()).pin)).status).toBe(200);
      },
      { clock },
    ));

  test('five wrong tries void a PIN, also where the box was started anew between them', () =>
    withFolder(async (folder) => {
      const { pin } = showPin(folder, Date.now());
      const env = { DEMETER_EDGE_DATA: folder };
      await withEdge(env, async ({ url }) => {
        for (let tries = 0; tries < 3; tries++) await tryPin(url, wrong(pin));
      });
      await withEdge(env, async ({ url }) => {
        for (let tries = 0; tries < 2; tries++) await tryPin(url, wrong(pin));
        expect((await tryPin(url, pin)).status).toBe(401);
      });
    }));

  test('a stranger cannot fill the memory with what should be a PIN', () =>
    fresh(async (url) => {
      const endless = new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65_536)) });
      const headers = { 'content-type': 'application/json' };
      const asked = { method: 'POST', headers, body: endless };
      const answer = await fetch(`${url}/page/pairing`, asked);
      expect(answer.status).toBe(400);
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

  test('others in the network learn that it is a box and works, and no more', () =>
    withFolder(async (folder) => {
      const cameras = join(folder, 'cameras.json');
      await writeFile(cameras, '{"cameras":[]}');
      const env = {
        DEMETER_EDGE_DATA: join(folder, 'data'),
        DEMETER_EDGE_CAMERAS: cameras,
        DEMETER_EDGE_HOST: '0.0.0.0',
        DEMETER_EDGE_MDNS: 'off',
      };
      await withEdge(env, async ({ address }) => {
        const port = address.split(':').pop();
        const ask = (host: string, path: string) => fetch(`http://${host}:${port}${path}`);
        const fieldsFor = async (host: string) =>
          Object.keys((await (await ask(host, '/health')).json()) as object);
        // A machine without a network has no such address.
        for (const own of reachableAddresses()) {
          expect(await fieldsFor(own)).toEqual(['status', 'service', 'version', 'accepting']);
          expect((await ask(own, '/metrics')).status).toBe(404);
        }
        expect(await fieldsFor('127.0.0.1')).toContain('sources');
        expect((await ask('127.0.0.1', '/metrics')).status).toBe(200);
      });
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
