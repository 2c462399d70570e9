import type { CorePhoto } from '../system/core-client.ts';
import type { System } from '../system/start-system.ts';
import { Follower } from './follow.ts';
import { reasonOf, type Shown, verdictOf } from './outcome.ts';
import { ownPlaceCode, type PhotoFile } from './photo-file.ts';
import type { OwnPlaces } from './photo-places.ts';
import { sendPhoto } from './send.ts';

interface JourneyOptions {
  readonly system: System;
  /** Where set, a photo that names no place gets one of its own. */
  readonly places: OwnPlaces | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** One photo from its file to its count. */
export class Journey {
  readonly #follower: Follower;

  constructor(private readonly options: JourneyOptions) {
    this.#follower = new Follower(options.system.core, options.signal);
  }

  async count(photo: PhotoFile): Promise<Shown> {
    const { system, say } = this.options;
    const started = performance.now();
    const seconds = () => Math.round((performance.now() - started) / 10) / 100;
    const { sha256, refusal } = await sendPhoto(photo, {
      url: system.addresses.edge,
      cameraKey: system.tokens.camera,
      inbox: system.paths.inbox,
    });
    if (refusal) {
      say(`${photo.file}: refused, ${refusal.code}`);
      const reason = `${refusal.code}: ${refusal.text}`;
      return { ...nothing(photo, sha256), state: 'refused', reason, seconds: seconds() };
    }
    const settled = await this.#settle(photo, sha256);
    if (!settled) {
      const reason = 'It was not counted in time.';
      return { ...nothing(photo, sha256), state: 'unfinished', reason, seconds: seconds() };
    }
    const result = toShown(photo, settled, seconds());
    const where = result.location === null ? '' : ` at ${result.location}`;
    say(`${photo.file}: counted ${result.detected ?? '–'}, ${result.state}${where}`);
    return result;
  }

  async #settle(photo: PhotoFile, sha256: string): Promise<CorePhoto | undefined> {
    const settled = await this.#follower.settled(sha256);
    const { places } = this.options;
    if (settled?.session.state !== 'needs_location' || !places) return settled;
    await places.put(sha256, { code: ownPlaceCode(photo, sha256), name: photo.file });
    return await this.#follower.settled(sha256);
  }
}

function nothing(photo: PhotoFile, sha256: string) {
  return {
    file: photo.file,
    sha256,
    detected: null,
    classes: {},
    location: null,
    batch: null,
    verdict: '',
  };
}

function toShown(photo: PhotoFile, found: CorePhoto, seconds: number): Shown {
  return {
    file: photo.file,
    sha256: found.photo_id,
    state: found.state === 'quarantined' ? 'quarantined' : found.session.state,
    reason: reasonOf(found),
    detected: found.session.detected,
    classes: found.run?.counts ?? {},
    location: found.location?.code ?? null,
    batch: found.batch?.code ?? null,
    seconds,
    verdict: verdictOf(found),
  };
}
