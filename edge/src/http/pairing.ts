import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';
import { Elysia, t } from 'elysia';
import { renderSVG } from 'uqr';
import packageJson from '../../package.json' with { type: 'json' };
import type { BackOff } from '../pairing/back-off.ts';
import { csrfTokenOf, type Device, type Devices } from '../pairing/devices.ts';
import { PIN_MINUTES, showPin, takePin } from '../pairing/pin.ts';
import {
  CLOSING_COOKIE,
  changerOf,
  openingCookie,
  requireOwnOrigin,
  sessionOf,
} from './session.ts';
import { readSmallJson } from './small-body.ts';

export interface PairingOptions {
  readonly devices: Devices;
  readonly backOff: BackOff;
  readonly clock: Clock;
  readonly dataFolder: string;
  /** Addresses of the page, the best first. */
  readonly urls: () => readonly string[];
}

/** Who may use the page: pairing by PIN, the paired devices, and the session of this one. */
export function pairingRoutes({ devices, backOff, clock, dataFolder, urls }: PairingOptions) {
  const me = (request: Request, device: Device, token: string) => ({
    device: toJson(device),
    csrf_token: csrfTokenOf(token),
    version: packageJson.version,
    urls: urlsFor(request, urls()),
  });
  return new Elysia({ prefix: '/page' })
    .post(
      '/pairing',
      ({ request, body, set }) => {
        requireOwnOrigin(request);
        backOff.requireOpen();
        const found = takePin(dataFolder, body.pin, clock.now());
        // Else anybody in the network could lock the door before a PIN is ever shown.
        if (found !== 'none') backOff.note(found === 'right');
        if (found !== 'right') {
          throw new AppError('UNAUTHENTICATED', 'This is not the PIN that the box shows now.', {
            field: 'pin',
            hint: 'Ask for a new one: a PIN works once and for ten minutes.',
          });
        }
        const { device, token } = devices.pair(body.name.trim() || 'Phone');
        set.headers['set-cookie'] = openingCookie(token);
        return me(request, device, token);
      },
      {
        parse: ({ request }) => readSmallJson(request),
        body: t.Object({
          pin: t.String({ pattern: '^[0-9]{6}$', description: 'six digits' }),
          name: t.String({ maxLength: 60 }),
        }),
      },
    )
    .get('/me', ({ request }) => {
      const { device, token } = sessionOf(devices, request);
      return me(request, device, token);
    })
    .post('/pin', ({ request }) => {
      changerOf(devices, request);
      const { pin, expiresAt } = showPin(dataFolder, clock.now());
      // Both: the clock of the phone that shows it may be another.
      const expires_at = new Date(expiresAt).toISOString();
      return { pin, expires_at, expires_in_seconds: PIN_MINUTES * 60 };
    })
    .get('/qr.svg', ({ request }) => {
      sessionOf(devices, request);
      const [url = ''] = urlsFor(request, urls());
      const headers = { 'content-type': 'image/svg+xml', 'cache-control': 'no-store' };
      return new Response(renderSVG(url), { headers });
    })
    .get('/devices', ({ request }) => {
      const { device } = sessionOf(devices, request);
      const all = devices.list();
      return { devices: all.map((each) => ({ ...toJson(each), is_this: each.id === device.id })) };
    })
    .delete('/devices/:id', ({ request, params, set }) => {
      const { device } = changerOf(devices, request);
      if (!devices.unpair(params.id)) {
        throw new AppError('NOT_FOUND', 'No such device is paired.');
      }
      if (params.id === device.id) set.headers['set-cookie'] = CLOSING_COOKIE;
      set.status = 204;
    });
}

/** The address by which this phone came reaches the box for certain, also in a container. */
function urlsFor(request: Request, urls: readonly string[]): string[] {
  const host = request.headers.get('host') ?? '';
  const { hostname } = URL.parse(`http://${host}`) ?? { hostname: 'localhost' };
  const own = isLoopback(hostname) ? [] : [`http://${host}/`];
  return [...new Set([...own, ...urls])];
}

function toJson({ id, name, paired_at, seen_at }: Device) {
  const time = (ms: number) => new Date(ms).toISOString();
  return { id, name, paired_at: time(paired_at), seen_at: time(seen_at) };
}
