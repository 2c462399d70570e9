import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../_testing.ts';
import type { Disk } from './disk.ts';
import { Journal } from './journal.ts';
import { realDisk } from './real-disk.ts';
import { type Sidecar, sidecarName } from './sidecar.ts';
import { Spool } from './spool.ts';

/** For tests: a spool and a journal in a folder of their own, and photos as an accept leaves them. */

export interface Place {
  readonly folder: string;
  readonly spool: Spool;
  readonly journal: Journal;
  /** Calls of each of the disk's operations. */
  readonly calls: Map<string, number>;
}

export async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const calls = new Map<string, number>();
    const disk = new Proxy(realDisk, {
      get: (real, name: keyof Disk) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return real[name];
      },
    });
    const limits = { bytesMax: 1e8, pixelsMax: 1e8 };
    const spool = new Spool({ folder, limits, disk, onStep: () => {} });
    await spool.init();
    const journal = Journal.open(join(folder, 'journal.sqlite'));
    await use({ folder, spool, journal, calls });
    journal.close();
  });
}

/** A sidecar of a photo of these bytes, with the given ULID. */
export function sidecarFor(sha256: string, size_bytes: number, id: string, at = 0): Sidecar {
  return {
    version: 1,
    photo: { sha256, size_bytes, media_type: 'image/jpeg', width: 4, height: 3 },
    sighting: {
      id,
      camera: 'cam-1',
      boot_id: 'b',
      sequence: 0,
      monotonic_ms: 1,
      accepted_at: new Date(at).toISOString(),
      captured_at: null,
      captured_at_source: 'none',
      file_name: null,
      location_code: null,
      position: null,
      correlation_id: 'journey-0001',
      traceparent: null,
    },
  };
}

/** Puts bytes and sidecar where an accept puts them, and their rows into the journal. */
export async function hold(
  { spool, journal }: Place,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
  id: string,
): Promise<void> {
  const path = spool.pathOf(sha256);
  const sidecar = sidecarFor(sha256, bytes.length, id);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  await writeFile(join(path, '..', sidecarName(sha256, id)), JSON.stringify(sidecar));
  journal.transaction(() => {
    journal.addPhoto(sidecar);
    journal.addSighting(sha256, sidecar.sighting);
  });
}
