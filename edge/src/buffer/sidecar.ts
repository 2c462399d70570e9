import { type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Position } from '../cameras.ts';

/**
 * What is written beside the bytes before anything is acknowledged: enough to rebuild the
 * journal's rows if the journal is lost. One sidecar a sighting, `<sha256>.<sighting>.json`.
 */
export interface Sidecar {
  readonly version: 1;
  readonly photo: PhotoFacts;
  readonly sighting: Sighting;
  /** The photo was known when it came: it may be acknowledged without bytes beside it. */
  readonly held?: true;
}

export interface PhotoFacts {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
  /** As stored, before the rotation that EXIF asks for. */
  readonly width: number;
  readonly height: number;
}

/**
 * Whose clock said when a photo was taken. `device`: the camera's own, by a claim of its own, which
 * goes before EXIF; `device_file`: the camera's own, when it wrote the file, which EXIF goes before;
 * `file`: this box's.
 */
export type CapturedAtSource = 'exif' | 'device' | 'device_file' | 'file' | 'none';

/** One arrival of a photo. Times are RFC 3339 UTC with milliseconds. */
export interface Sighting {
  /** ULID. */
  readonly id: string;
  readonly camera: string;
  /** One start of the machine; `monotonic_ms` counts within it, and `sequence` breaks its ties. */
  readonly boot_id: string;
  /** Starts are counted (boot.ts); absent in sidecars of earlier versions. */
  readonly boot_number?: number;
  readonly sequence: number;
  readonly monotonic_ms: number;
  readonly accepted_at: string;
  readonly captured_at: string | null;
  readonly captured_at_source: CapturedAtSource;
  readonly file_name: string | null;
  readonly location_code: string | null;
  /** In place of the code, where the camera's is told by its id. */
  readonly location_id?: string;
  /** Of the camera; a position in the photo's EXIF goes before it. */
  readonly position: Position | null;
  readonly correlation_id: string;
  readonly traceparent: string | null;
  /** Made again by a start (new-note.ts): the disk had spoilt what was noted of the arrival. */
  readonly recovered?: true;
}

const NAME = /^([0-9a-f]{64})(?:\.([0-9A-HJKMNP-TV-Z]{26})\.json)?$/;

export function sidecarName(sha256: string, sightingId: string): string {
  return `${sha256}.${sightingId}.json`;
}

/** What a name in the spool stands for: a photo, a sidecar of it, or something foreign. */
export function parseSpoolName(
  name: string,
): { readonly sha256: string; readonly sightingId?: string } | null {
  const match = NAME.exec(name);
  if (!match?.[1]) return null;
  return match[2] ? { sha256: match[1], sightingId: match[2] } : { sha256: match[1] };
}

const Nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

/** What the journal's tables insist on. */
const Readable = Type.Object({
  version: Type.Literal(1),
  held: Type.Optional(Type.Literal(true)),
  photo: Type.Object({
    sha256: Type.String(),
    size_bytes: Type.Integer(),
    media_type: Type.String(),
    width: Type.Integer(),
    height: Type.Integer(),
  }),
  sighting: Type.Object({
    id: Type.String(),
    camera: Type.String(),
    boot_id: Type.String(),
    boot_number: Type.Optional(Type.Integer()),
    sequence: Type.Integer(),
    monotonic_ms: Type.Number(),
    accepted_at: Type.String(),
    captured_at: Nullable(Type.String()),
    captured_at_source: Type.String(),
    file_name: Nullable(Type.String()),
    location_code: Nullable(Type.String()),
    location_id: Type.Optional(Type.String()),
    correlation_id: Type.String(),
    traceparent: Nullable(Type.String()),
    recovered: Type.Optional(Type.Literal(true)),
  }),
});

/** Throws for what is no sidecar: a disk may have changed it. */
export function parseSidecar(text: string): Sidecar {
  const value: unknown = JSON.parse(text);
  const isSidecar = Value.Check(Readable, value);
  if (isSidecar && !Number.isNaN(Date.parse(value.sighting.accepted_at))) return value as Sidecar;
  throw new Error('the sidecar has not the fields of one');
}
