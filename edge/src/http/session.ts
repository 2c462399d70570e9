import { AppError } from '@demeter/common/errors';
import { type Device, type Devices, isCsrfToken } from '../pairing/devices.ts';

const COOKIE = 'demeter_edge_session';
/** Browsers keep no cookie for longer; the journal forgets a device that does not come. */
const MAX_AGE_S = 400 * 86_400;

export interface Session {
  readonly device: Device;
  readonly token: string;
}

/** Who asks: the paired device whose cookie came along. Throws UNAUTHENTICATED. */
export function sessionOf(devices: Devices, request: Request): Session {
  const token = cookieOf(request.headers.get('cookie'));
  const device = token && devices.find(token);
  if (token && device) return { device, token };
  throw new AppError('UNAUTHENTICATED', 'This phone is not paired with the box.', {
    hint: 'Open the page of the box and enter the PIN that the box shows.',
  });
}

/** The same for a change, which only our own page may ask for. Throws CSRF_REJECTED too. */
export function changerOf(devices: Devices, request: Request): Session {
  const session = sessionOf(devices, request);
  requireOwnOrigin(request);
  if (!isCsrfToken(session.token, request.headers.get('x-csrf-token'))) {
    throw new AppError('CSRF_REJECTED', 'The page did not show that it is ours.');
  }
  return session;
}

/** Pages of other sites name themselves in Origin. Throws CSRF_REJECTED. */
export function requireOwnOrigin(request: Request): void {
  const origin = request.headers.get('origin');
  if (origin === null) return;
  const host = URL.parse(origin)?.host;
  if (host === undefined || host !== request.headers.get('host')) {
    throw new AppError('CSRF_REJECTED', 'Another site asks in the name of this one.');
  }
}

/** Set-Cookie that opens a session. No `Secure`: on a local network the box speaks plain HTTP. */
export function openingCookie(token: string): string {
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${MAX_AGE_S}`;
}

export const CLOSING_COOKIE = `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;

function cookieOf(header: string | null): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE && value) return value;
  }
  return undefined;
}
