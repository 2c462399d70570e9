import type { Clock } from '@demeter/common/clock';
import type { Boot } from '../buffer/boot.ts';
import {
  exifOf,
  type PhotoRow,
  type SightingRow,
  sightingOf,
  verdictOf,
} from '../buffer/journal.ts';
import type { CapturedAtSource, Sighting } from '../buffer/sidecar.ts';
import type { Position } from '../cameras.ts';
import type { Verdict } from '../judge/verdict.ts';

/** Both clocks of this box when a request is made: the centre dates sightings by them. */
export interface BoxClocks {
  /** By the wall clock as it is, uncorrected; RFC 3339 UTC. */
  readonly sent_at: string;
  readonly boot_id: string;
  readonly boot_number: number;
  readonly monotonic_ms: number;
}

export function readClocks(clock: Pick<Clock, 'now' | 'monotonic'>, boot: Boot): BoxClocks {
  return {
    sent_at: new Date(clock.now()).toISOString(),
    boot_id: boot.id,
    boot_number: boot.number,
    monotonic_ms: clock.monotonic() + boot.aheadMs,
  };
}

/** Body of `POST /api/v1/edge/photos` (docs/protocols.md). */
export interface Registration {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
  readonly file_name: string | null;
  readonly sighting: {
    readonly id: string;
    readonly camera: string;
    readonly boot_id: string;
    readonly boot_number: number | null;
    readonly sequence: number;
    readonly monotonic_ms: number;
    readonly captured_at: string | null;
    readonly captured_at_local: string | null;
    /** Whose clock it was: a device's own is corrected by nobody's error. */
    readonly captured_at_source: Exclude<CapturedAtSource, 'device_file'>;
    readonly accepted_at: string;
    /** The box had to note this anew: camera, place and clocks are unknown. */
    readonly recovered?: true;
  };
  readonly place: { readonly location_id: string } | { readonly location_code: string } | null;
  readonly position: Position | null;
  readonly verdict: Verdict | null;
  readonly correlation_id: string;
  readonly traceparent: string | null;
}

/** What the device claims goes before EXIF: it knows its zone. EXIF goes before any file's time. */
export function toRegistration(photo: PhotoRow, row: SightingRow): Registration {
  const sighting = sightingOf(row);
  const said = sighting.captured_at_source;
  const exif = exifOf(photo);
  const fromExif =
    said !== 'device' && exif !== null && (exif.captured_at ?? exif.captured_at_local) !== null;
  return {
    sha256: photo.sha256,
    size_bytes: photo.size_bytes,
    media_type: photo.media_type,
    file_name: sighting.file_name,
    sighting: {
      id: sighting.id,
      camera: sighting.camera,
      boot_id: sighting.boot_id,
      boot_number: sighting.boot_number ?? null,
      sequence: sighting.sequence,
      monotonic_ms: sighting.monotonic_ms,
      captured_at: fromExif ? exif.captured_at : sighting.captured_at,
      captured_at_local: fromExif ? exif.captured_at_local : null,
      captured_at_source: fromExif ? 'exif' : said === 'device_file' ? 'device' : said,
      accepted_at: sighting.accepted_at,
      ...(sighting.recovered ? { recovered: true } : {}),
    },
    place: placeOf(sighting),
    position: exif?.position ?? sighting.position,
    verdict: verdictOf(photo),
    correlation_id: sighting.correlation_id,
    traceparent: sighting.traceparent,
  };
}

function placeOf({ location_id, location_code }: Sighting): Registration['place'] {
  if (location_id !== undefined) return { location_id };
  return location_code === null ? null : { location_code };
}
