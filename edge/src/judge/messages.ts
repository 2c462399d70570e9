import type { ExifFacts } from '../buffer/journal.ts';
import type { Measurement } from './verdict.ts';

/** Between the edge and its judge process; one request at a time. */
export interface JudgeRequest {
  readonly id: number;
  readonly path: string;
  readonly mediaType: string;
}

export type JudgeMessage =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'measured';
      readonly id: number;
      readonly measurement: Measurement;
      readonly exif: ExifFacts;
      /** Resident memory of the judge process in bytes. */
      readonly residentBytes: number;
    };
