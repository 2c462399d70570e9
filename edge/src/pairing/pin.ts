import { createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The PIN that pairs one phone: six digits, for ten minutes, for one use. It lies in the data
 * folder, as a keyed hash that only the box's own user can read, because two programs have to do
 * with it: `admin.ts pin` shows one, the running edge takes it.
 */

export const PIN_MINUTES = 10;
/** Wrong tries after which a PIN is void: a guesser has 5 chances in a million. */
const TRIES_MAX = 5;

export interface ShownPin {
  readonly pin: string;
  /** UTC milliseconds. */
  readonly expiresAt: number;
}

interface StoredPin {
  readonly salt: string;
  /** HMAC-SHA-256 of the PIN under the salt, hex. */
  readonly hash: string;
  readonly expires_at: number;
  readonly wrong_tries: number;
}

/** Makes a new PIN; one that was shown before is void. */
export function showPin(folder: string, now: number): ShownPin {
  const pin = String(randomInt(1_000_000)).padStart(6, '0');
  const salt = randomBytes(16).toString('hex');
  const expiresAt = now + PIN_MINUTES * 60_000;
  const hash = hashOf(salt, pin).toString('hex');
  write(folder, { salt, hash, expires_at: expiresAt, wrong_tries: 0 });
  return { pin, expiresAt };
}

/**
 * 'right' once for the PIN that is shown; 'none': none is shown now, so there was nothing to guess.
 * Nothing is awaited within: of two callers one gets it.
 */
export function takePin(folder: string, pin: string, now: number): 'right' | 'wrong' | 'none' {
  const stored = read(folder);
  // A clock that was set back must not make a PIN live longer than people expect.
  const inTime =
    stored && now < stored.expires_at && now > stored.expires_at - PIN_MINUTES * 120_000;
  if (!stored || !inTime) return 'none';
  const right = timingSafeEqual(Buffer.from(stored.hash, 'hex'), hashOf(stored.salt, pin));
  const wrongTries = stored.wrong_tries + 1;
  if (right || wrongTries >= TRIES_MAX) rmSync(pathOf(folder), { force: true });
  else write(folder, { ...stored, wrong_tries: wrongTries });
  return right ? 'right' : 'wrong';
}

function hashOf(salt: string, pin: string): Buffer {
  return createHmac('sha256', salt).update(pin).digest();
}

function pathOf(folder: string): string {
  return join(folder, 'pairing-pin.json');
}

function read(folder: string): StoredPin | null {
  try {
    return JSON.parse(readFileSync(pathOf(folder), 'utf8')) as StoredPin;
  } catch {
    return null;
  }
}

function write(folder: string, pin: StoredPin): void {
  const fresh = `${pathOf(folder)}.new`;
  writeFileSync(fresh, JSON.stringify(pin), { mode: 0o600 });
  // Asked for by root, it is the running edge's to read.
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() === 0) chownSync(fresh, uid, gid);
  renameSync(fresh, pathOf(folder));
}
