import { type Static, t } from 'elysia';
import { Id, nullable, Ref, shape, Time } from '../http/schemas.ts';

/** Shapes of photos in the API. */

export const PhotoId = t.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the bytes.',
});
export const PhotoParams = t.Object({ photo_id: PhotoId });

const SESSION_STATES = [
  'pending',
  'processing',
  'completed',
  'failed',
  'needs_location',
  'needs_config',
  'needs_calibration',
];
const SessionState = t.String({ description: SESSION_STATES.join(', ') });
const anyState = `(${SESSION_STATES.join('|')})`;
export const SessionStates = t.String({
  pattern: `^${anyState}(,${anyState})*$`,
  maxLength: 200,
  description: 'One or several, separated by commas.',
});
const Counts = t.Record(t.String(), t.Integer());
const Timings = t.Record(t.String(), t.Number());
const Pipeline = t.Object({
  digest: t.String(),
  model: t.String({ description: 'Of several that count together: their names, with commas.' }),
  version: t.String({ description: 'Likewise.' }),
  models: t.Array(t.Object({ name: t.String(), version: t.String() })),
});

export const Run = shape('Run', {
  id: Id,
  photo_id: PhotoId,
  state: t.String(),
  detected: nullable(t.Integer()),
  counts: nullable(Counts),
  capped: t.Boolean(),
  provider: nullable(t.String()),
  server_id: nullable(t.String()),
  timings: nullable(Timings),
  tiles: nullable(t.Integer()),
  counted_long_side_px: nullable(t.Integer()),
  pipeline: Pipeline,
  rollout: nullable(
    t.String({ description: 'shadow or canary: its version was on trial when it counted.' }),
  ),
  created_at: Time,
  started_at: nullable(Time),
  completed_at: nullable(Time),
});
export type RunBody = Static<typeof Run>;

export const Photo = shape('Photo', {
  photo_id: PhotoId,
  state: t.String({ description: 'stored, quarantined, missing, expired, erased' }),
  quarantine_reason: nullable(t.String()),
  size_bytes: t.Integer(),
  media_type: t.String(),
  width: nullable(t.Integer()),
  height: nullable(t.Integer()),
  received_at: Time,
  captured_at: nullable(Time),
  captured_at_said: nullable(Time),
  time_flag: t.String({
    description:
      'ok, corrected, implausible, order_only; where captured_at is not what was said, captured_at_said is.',
  }),
  file_name: nullable(t.String()),
  location: nullable(Ref),
  location_source: nullable(t.String({ description: 'explicit, tag, camera, gps, person' })),
  location_candidates: t.Array(
    t.Object({ location: Ref, source: t.String(), distance_m: nullable(t.Number()) }),
  ),
  verdict: t.Any({ description: "The edge's judgement, or null." }),
  sightings: t.Integer(),
  recovered: t.Boolean({
    description: 'Its box had to note it anew: who took it, and where, nobody has said.',
  }),
  session: t.Object({
    id: Id,
    state: SessionState,
    detected: nullable(t.Integer()),
    error_code: nullable(t.String()),
    error_message: nullable(t.String()),
  }),
  run: nullable(Run),
  batch: nullable(t.Object({ id: Id, code: t.String(), quantity_current: t.Integer() })),
  links: t.Object({
    original: nullable(t.String()),
    overlay: nullable(t.String()),
    thumbnail: nullable(t.String()),
  }),
});
export type PhotoBody = Static<typeof Photo>;

export const Detections = shape('Detections', {
  run_id: Id,
  width: nullable(t.Integer()),
  height: nullable(t.Integer()),
  class_names: t.Array(t.String()),
  boxes: t.Array(t.Number(), {
    description: 'x1, y1, x2, y2 an object, pixels of the upright photo.',
  }),
  confidences: t.Array(t.Number()),
  class_ids: t.Array(t.Integer()),
});

export const Session = shape('PhotoSession', {
  id: Id,
  state: SessionState,
  location: nullable(Ref),
  run_id: nullable(Id),
  detected: nullable(t.Integer()),
  error_code: nullable(t.String()),
  error_message: nullable(t.String()),
  photos: t.Array(PhotoId),
  created_at: Time,
  updated_at: Time,
});
export type SessionBody = Static<typeof Session>;

export const Uploaded = shape('Uploaded', {
  photo_id: PhotoId,
  original_url: t.String(),
  status: t.String({ description: "The session's state." }),
});
