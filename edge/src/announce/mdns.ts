import type { EventEmitter } from 'node:events';
import type { Logger } from '@demeter/common/logger';
import { Bonjour } from 'bonjour-service';
import { reachableAddresses } from './addresses.ts';

export interface Announcement {
  readonly name: string;
  readonly port: number;
  readonly log: Logger;
  /** Of multicast-dns: where questions are listened to. For tests. */
  readonly socket?: Readonly<Record<string, unknown>>;
}

/** A box often starts before its Wi-Fi, and gets another address from time to time. */
const LOOK_MS = 15_000;
/** For saying good-bye to the network. */
const STOP_MS = 1_000;

/**
 * Makes the box known as `<name>.local` and as a web server in the local network (RFC 6762, 6763).
 * A network that passes no multicast is said in the log, and no fault: the address still works.
 */
export function announce({ name, port, log, socket = {} }: Announcement): {
  stop(): Promise<void>;
} {
  const fail = (error: unknown) => {
    log.warn({ err: error }, 'the box cannot be announced by mDNS');
  };
  const bonjour = new Bonjour(socket, fail);
  // The package listens to no errors of its socket, and one that nobody hears ends the process.
  const { server } = bonjour as unknown as { server: { mdns: EventEmitter } };
  server.mdns.on('error', fail);
  const publish = () =>
    bonjour.publish({
      name: `Demeter ${name}`,
      type: 'http',
      port,
      host: `${name}.local`,
      // The edge listens on IPv4 unless it was told an address.
      disableIPv6: true,
      probe: false,
    });
  let known = reachableAddresses().join();
  publish();
  const timer = setInterval(() => {
    const now = reachableAddresses().join();
    if (now === known) return;
    known = now;
    bonjour.unpublishAll(() => publish());
  }, LOOK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      const { promise, resolve } = Promise.withResolvers<void>();
      bonjour.unpublishAll(() => bonjour.destroy(() => resolve()));
      // A socket that never came up answers nothing.
      await Promise.race([promise, Bun.sleep(STOP_MS)]);
    },
  };
}
