import { expect, test } from 'bun:test';
import { isLoopback } from './loopback.ts';

test.each(['localhost', '::1', '127.0.0.1', '127.1.2.3', '::ffff:127.0.0.1'])(
  '%s is loopback',
  (host) => expect(isLoopback(host)).toBe(true),
);

test.each(['0.0.0.0', '::', '192.168.1.7', '127.example.org', '127.0.0.1.example.org', ''])(
  '"%s" is not',
  (host) => expect(isLoopback(host)).toBe(false),
);
