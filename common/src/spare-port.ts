/** A TCP port on loopback that was free a moment ago. */
export function sparePort(): number {
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
