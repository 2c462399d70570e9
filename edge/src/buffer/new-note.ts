import { checkPhoto } from '@demeter/common/photo-format';
import { bytesSource } from '@demeter/common/photo-format/source';
import type { Ids } from './ids.ts';
import type { Sidecar } from './sidecar.ts';
import type { Spool } from './spool.ts';

/** Stands for the camera where nothing says which one it was. */
export const UNKNOWN_CAMERA = 'unknown';

/** What was taken in once is not measured against limits again. */
const NO_LIMITS = { bytesMax: Number.POSITIVE_INFINITY, pixelsMax: Number.POSITIVE_INFINITY };

/**
 * A sidecar for a photo whose own ones the disk has spoilt: what its bytes and its file tell. Place
 * and camera are unknown; the file's time, by the wall clock, stands for that of its arrival, and no
 * start of the machine is named, so that no clock is corrected by it.
 * Null: the bytes are no photo with this name. Throws what the disk throws.
 */
export async function newNote(
  spool: Spool,
  sha256: string,
  { ids, camera = UNKNOWN_CAMERA }: { readonly ids: Ids; readonly camera?: string | undefined },
): Promise<Sidecar | null> {
  if (!(await spool.isSound(sha256))) return null;
  // Into memory as a whole: it happens to few photos, one after the other.
  const bytes = Buffer.concat(await Array.fromAsync(spool.read(sha256)));
  const header = await checkPhoto(bytesSource(bytes), NO_LIMITS).catch(() => null);
  if (header === null) return null;
  const { mediaType: media_type, width, height } = header;
  const acceptedAt = await spool.modifiedAt(sha256);
  return {
    version: 1,
    photo: { sha256, size_bytes: bytes.length, media_type, width, height },
    sighting: {
      id: ids.ulid(acceptedAt),
      camera,
      boot_id: '',
      sequence: 0,
      monotonic_ms: 0,
      accepted_at: new Date(acceptedAt).toISOString(),
      captured_at: null,
      captured_at_source: 'none',
      file_name: null,
      location_code: null,
      position: null,
      correlation_id: ids.uuid(),
      traceparent: null,
      recovered: true,
    },
  };
}
