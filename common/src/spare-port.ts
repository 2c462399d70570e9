/**
 * Ports that the system does not give out by itself (Linux: 32768 and up), so that nobody's
 * connection takes one between the look and its use.
 */
const FIRST = 20_000;
const COUNT = 12_000;

/** Each process looks from a port of its own on, and at none twice in a row. */
let next = Math.floor(Math.random() * COUNT);

/** A TCP port on loopback that was free a moment ago. */
export function sparePort(): number {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return probe(FIRST + (next++ % COUNT));
    } catch {
      // Somebody listens there.
    }
  }
  return probe(0);
}

/** `preferred` where it is free, else another one that is. */
export function portNear(preferred: number): number {
  try {
    return probe(preferred);
  } catch {
    return sparePort();
  }
}

function probe(wanted: number): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: wanted, socket: { data: () => {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}
