import { networkInterfaces } from 'node:os';
import type { Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';

/** The name that the box is announced by; null: it is not. Throws INVALID_SETTING. */
export function announcedName(
  values: Pick<Values, 'DEMETER_EDGE_MDNS' | 'DEMETER_EDGE_HOST'>,
): string | null {
  const { DEMETER_EDGE_MDNS: name, DEMETER_EDGE_HOST: host } = values;
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name)) {
    throw new AppError('INVALID_SETTING', `DEMETER_EDGE_MDNS: ${name} is no name of a host.`, {
      field: 'DEMETER_EDGE_MDNS',
      hint: 'Letters, digits and hyphens, 63 at most.',
    });
  }
  return name === 'off' || isLoopback(host) ? null : name;
}

/** Addresses of the page, the one to put into a QR code first. */
export function pageUrls(host: string, port: number, name: string | null): string[] {
  const hosts = host === '0.0.0.0' || host === '::' ? reachableAddresses() : [host];
  // Numbers first: phones resolve them without mDNS, which some networks do not pass on.
  const all = name === null ? hosts : [...hosts, `${name}.local`];
  return all.map((each) => `http://${each.includes(':') ? `[${each}]` : each}${portOf(port)}/`);
}

function portOf(port: number): string {
  return port === 80 ? '' : `:${port}`;
}

/** IPv4 addresses by which others in the same network reach this machine. */
export function reachableAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}
