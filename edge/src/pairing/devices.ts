import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@demeter/common/clock';
import { newId } from '@demeter/common/ids';
import type { Journal } from '../buffer/journal.ts';
import type { Camera } from '../cameras.ts';

/** A phone or computer that was paired by PIN. Times are UTC milliseconds. */
export interface Device {
  readonly id: string;
  readonly name: string;
  readonly paired_at: number;
  readonly seen_at: number;
}

const COLUMNS = 'id, name, paired_at, seen_at';
/** A phone that did not come for so long is paired anew. */
const FORGOTTEN_AFTER_MS = 180 * 86_400_000;
/** `seen_at` is for people: one flushed commit a request would wear the disk for nothing. */
const SEEN_STEP_MS = 3_600_000;
/** More than a box has workers; the longest unseen goes first. */
const DEVICES_MAX = 100;

/** Who may use the page: sessions of paired devices, of which only hashes are kept. */
export class Devices {
  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /** A new device with its session's token, which is shown this once. */
  pair(name: string): { readonly device: Device; readonly token: string } {
    const { journal, clock } = this;
    const token = randomBytes(32).toString('base64url');
    const now = clock.now();
    const device = { id: newId(), name, paired_at: now, seen_at: now };
    journal.transaction(() => {
      journal.run(
        `DELETE FROM devices WHERE id IN
           (SELECT id FROM devices ORDER BY seen_at DESC LIMIT -1 OFFSET ?)`,
        DEVICES_MAX - 1,
      );
      journal.run(
        'INSERT INTO devices (id, name, token_sha256, paired_at, seen_at) VALUES (?, ?, ?, ?, ?)',
        device.id,
        name,
        sha256(token),
        now,
        now,
      );
    });
    return { device, token };
  }

  /** Whose session this is; null if there is none. */
  find(token: string): Device | null {
    const { journal, clock } = this;
    // Looked up by its hash: how long that takes tells nothing of the token.
    const [device] = journal.all<Device>(
      `SELECT ${COLUMNS} FROM devices WHERE token_sha256 = ?`,
      sha256(token),
    );
    const now = clock.now();
    if (!device || now - device.seen_at > FORGOTTEN_AFTER_MS) return null;
    if (now - device.seen_at > SEEN_STEP_MS) {
      journal.run('UPDATE devices SET seen_at = ? WHERE id = ?', now, device.id);
    }
    return device;
  }

  /** Last seen first. */
  list(): Device[] {
    return this.journal.all<Device>(`SELECT ${COLUMNS} FROM devices ORDER BY seen_at DESC, id`);
  }

  byId(id: string): Device | null {
    const [device] = this.journal.all<Device>(`SELECT ${COLUMNS} FROM devices WHERE id = ?`, id);
    return device ?? null;
  }

  /** Ends a device's session; false if there was none. */
  unpair(id: string): boolean {
    return this.journal.run('DELETE FROM devices WHERE id = ?', id) > 0;
  }
}

/** The camera in whose name a phone's photos come. */
export function cameraOf({ id, name }: Device): Camera {
  return {
    code: `phone-${id.slice(-12)}`,
    name,
    keySha256: null,
    locationCode: null,
    position: null,
  };
}

/**
 * What a page must send along with a change: known only to pages that could read an answer of
 * ours, which pages of other sites cannot.
 */
export function csrfTokenOf(token: string): string {
  return createHash('sha256').update(`csrf:${token}`).digest('base64url');
}

/** Compares in constant time. */
export function isCsrfToken(token: string, given: string | null): boolean {
  const expected = Buffer.from(csrfTokenOf(token));
  const other = Buffer.from(given ?? '');
  return expected.length === other.length && timingSafeEqual(expected, other);
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
