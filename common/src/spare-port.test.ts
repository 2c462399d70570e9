import { expect, test } from 'bun:test';
import { portNear, sparePort } from './spare-port.ts';

const listen = (port: number) =>
  Bun.listen({ hostname: '127.0.0.1', port, socket: { data: () => {} } });

test('a port is given to one only, below those that the system gives out', () => {
  const ports = Array.from({ length: 50 }, sparePort);
  expect(new Set(ports).size).toBe(50);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test('a port that somebody listens at is not given', () => {
  const taken = listen(sparePort());
  expect(portNear(taken.port)).not.toBe(taken.port);
  taken.stop(true);
});
