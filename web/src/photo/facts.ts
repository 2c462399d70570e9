import type { Photo } from '../api/shapes.ts';
import { texts } from '../texts.ts';
import { fullTime } from '../ui/time.ts';

/** What is known of the photo and its count, each with its name; what is not known is left out. */
export function factsOf(photo: Photo): readonly (readonly [name: string, value: string])[] {
  const { run, captured_at, width, height } = photo;
  const { fact, pixels, megabytes, times, recovered, seconds } = texts.photo;
  const sizes = [width && height ? pixels(width, height) : '', megabytes(photo.size_bytes)];
  const facts: (readonly [string, string | false | null | undefined])[] = [
    [fact.model, run && modelOf(run)],
    [fact.provider, run?.provider],
    [fact.server, run?.server_id],
    [fact.time, run?.timings && seconds(totalMs(run.timings))],
    [fact.pipeline, run?.pipeline.digest.slice(0, 12)],
    [fact.captured, captured_at && fullTime(captured_at)],
    [fact.clock, clockText(photo)],
    [fact.received, fullTime(photo.received_at)],
    [fact.sightings, times(photo.sightings)],
    [fact.recovered, photo.recovered && recovered],
    [fact.size, sizes.filter(Boolean).join(', ')],
    [fact.id, photo.photo_id],
  ];
  return facts.filter((entry): entry is [string, string] => !!entry[1]);
}

/** Why the time may be another than the photo itself says. */
function clockText({ time_flag, captured_at_said }: Photo): string | null {
  const { clock } = texts.photo;
  const said = captured_at_said === null ? '' : fullTime(captured_at_said);
  if (time_flag === 'corrected') return said === '' ? null : clock.corrected(said);
  if (time_flag === 'implausible') return clock.implausible(said);
  return time_flag === 'order_only' ? clock.order_only : null;
}

function modelOf({ pipeline, rollout }: NonNullable<Photo['run']>): string {
  const model = pipeline.models.map(({ name, version }) => `${name} ${version}`).join(' + ');
  return rollout === null ? model : `${model}, ${texts.rollout.onTrial(rollout)}`;
}

/** The server's own total where it says one, else the sum of its stages. */
function totalMs(timings: Readonly<Record<string, number>>): number {
  return timings.total_ms ?? Object.values(timings).reduce((sum, ms) => sum + ms, 0);
}
