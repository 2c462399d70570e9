import { expect, test } from 'bun:test';
import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../_testing.ts';
import { showPin, takePin } from './pin.ts';

const MINUTE_MS = 60_000;

test('a PIN ends after ten minutes, also where the clock is set back, and is void once it was used', () =>
  withFolder(async (folder) => {
    const now = Date.now();
    const { pin } = showPin(folder, now);
    expect(takePin(folder, pin, now + 10 * MINUTE_MS)).toBe('none');
    expect(takePin(folder, pin, now - 11 * MINUTE_MS)).toBe('none');
    expect(takePin(folder, pin, now + 9 * MINUTE_MS)).toBe('right');
    expect(takePin(folder, pin, now + 9 * MINUTE_MS)).toBe('none');
  }));

test.skipIf(process.getuid?.() !== 0)(
  "a PIN that root asks for can be read by the edge's own user (needs root)",
  () =>
    withFolder(async (folder) => {
      const data = join(folder, 'data');
      await mkdir(data);
      await chown(data, 1234, 1234);
      showPin(data, Date.now());
      const { uid, mode } = await stat(join(data, 'pairing-pin.json'));
      expect([uid, mode & 0o777]).toEqual([1234, 0o600]);
    }),
);
