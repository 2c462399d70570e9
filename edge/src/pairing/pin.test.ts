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

test("a PIN belongs to the edge's own user, also where root asks for it, and to nobody else", () =>
  withFolder(async (folder) => {
    const own = process.getuid?.() ?? 0;
    const owner = own === 0 ? 1234 : own;
    const data = join(folder, 'data');
    await mkdir(data);
    if (own === 0) await chown(data, owner, owner);
    showPin(data, Date.now());
    const { uid, mode } = await stat(join(data, 'pairing-pin.json'));
    expect([uid, mode & 0o777]).toEqual([owner, 0o600]);
  }));
