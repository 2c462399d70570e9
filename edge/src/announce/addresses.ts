import { networkInterfaces } from 'node:os';

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
function reachableAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}
