import type { ExifFacts } from '../buffer/journal.ts';
import type { Measurement } from './verdict.ts';

/** Between the edge and its judge process; one request at a time. */
export type JudgeRequest = JudgeTask & { readonly id: number };

/** What is to be done with the photo at `path`. */
export type JudgeTask = {
  readonly path: string;
  readonly mediaType: string;
} & (
  | { readonly task: 'measure' }
  /** A small WebP of the upright photo, its long side at most so many pixels. */
  | { readonly task: 'preview'; readonly longSidePx: number }
  /** The texts of the QR and Data Matrix codes in it. */
  | { readonly task: 'tags' }
);

export type JudgeMessage =
  | { readonly kind: 'ready' }
  | (JudgeResult & {
      readonly id: number;
      /** Resident memory of the judge process in bytes. */
      readonly residentBytes: number;
    });

export type JudgeResult =
  | { readonly kind: 'measured'; readonly measurement: Measurement; readonly exif: ExifFacts }
  | { readonly kind: 'preview'; readonly webp: Uint8Array }
  | { readonly kind: 'tags'; readonly texts: readonly string[] }
  /** It cannot be opened, for this reason. */
  | { readonly kind: 'undecodable'; readonly problem: string };
