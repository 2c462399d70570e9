import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { readText } from '../configuration/body.ts';
import type { CoreClient } from '../forward/core-client.ts';
import { DestinationFailure, toLogFields } from '../forward/failures.ts';
import { Nudge } from '../nudge.ts';

/** A place of the nursery, as the centre names it. */
const Place = Type.Object({
  code: Type.String({ minLength: 1, maxLength: 100 }),
  name: Type.String({ maxLength: 200 }),
});
export type CentrePlace = Static<typeof Place>;

/** Newer centres may say more: what is not known is left. */
const Answer = Type.Object({
  places: Type.Array(Place, { maxItems: 20_000 }),
  /** There are more; absent in answers of earlier versions. */
  truncated: Type.Optional(Type.Boolean()),
});

const BYTES_MAX = 8 * 1024 * 1024;
/** A new bench can be typed in meanwhile. Each box asks at its own moment. */
const PULL_MS = 15 * 60_000;
/** After a start, so that the list is there before the first worker. */
const FIRST_MS = 60_000;

export interface CentrePlacesOptions {
  readonly core: Pick<CoreClient, 'open'>;
  /** The file that keeps the list while there is no link. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** The nursery's places, pulled from the centre now and then; kept for weeks without a link. */
export class CentrePlaces {
  #all: readonly CentrePlace[] = [];
  #truncated = false;
  #etag = '';

  constructor(private readonly options: CentrePlacesOptions) {}

  /** By their codes; none where the centre was never asked, or is of an earlier version. */
  get all(): readonly CentrePlace[] {
    return this.#all;
  }

  /** The nursery has more places than a box is told of: one that is not here may be one. */
  get truncated(): boolean {
    return this.#truncated;
  }

  /** What an earlier life of the box has pulled; a list that is spoilt is pulled anew. */
  async load(): Promise<void> {
    this.#take((await readPlaces(this.options.path)) ?? { places: [] });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.options;
    const pause = new Nudge(clock);
    await pause.wait(FIRST_MS * random(), signal);
    while (!signal.aborted) {
      await this.pull(signal).catch((error: unknown) => {
        if (!signal.aborted) log.debug(toLogFields(error), 'no places can be pulled now');
      });
      await pause.wait(PULL_MS * (0.8 + 0.4 * random()), signal);
    }
  }

  /** Throws DestinationFailure, Refusal, and what the disk throws. */
  async pull(signal: AbortSignal): Promise<void> {
    const { core, path, clock, log } = this.options;
    const answer = await core.open('edge/places', { 'if-none-match': this.#etag }, signal);
    if (answer.status === 304) return;
    const text = await readText(answer, { clock, bytesMax: BYTES_MAX, signal });
    const value = parse(text);
    if (!value) throw new DestinationFailure('core', 'wrong_answer', 'those are no places');
    this.#take(value);
    if (this.#truncated) {
      log.warn({ places: this.#all.length }, 'the nursery has more places than the page can offer');
    }
    // Always the same name: a disk that fills up keeps one of them.
    const fresh = `${path}.new`;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(fresh, JSON.stringify({ places: this.#all, truncated: this.#truncated }));
    await rename(fresh, path);
    this.#etag = answer.headers.get('etag') ?? '';
  }

  #take({ places, truncated = false }: Static<typeof Answer>): void {
    [this.#all, this.#truncated] = [places, truncated];
  }
}

/** The list that a box has pulled, from the file that keeps it; null: there is none. */
export async function readPlaces(path: string): Promise<Static<typeof Answer> | null> {
  return parse(await readFile(path, 'utf8').catch(() => ''));
}

function parse(text: string): Static<typeof Answer> | null {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(Answer, value) ? value : null;
  } catch {
    return null;
  }
}
