import { createHash } from 'node:crypto';
import { type Clock, systemClock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { checkPhoto, type PhotoLimits } from '@demeter/common/photo-format';
import { bytesSource } from '@demeter/common/photo-format/source';
import type { Result__Output } from '@demeter/proto';
import type { HeldWork } from '../mesh/dispatcher.ts';
import type { Outcome } from '../mesh/endpoint.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { PlacementNeed } from '../mesh/placement.ts';
import type { Sender } from '../mesh/sender.ts';
import {
  modelsOf,
  type PipelineDefinition,
  pipelineDigest,
  titleOf,
  toPipelineMessage,
} from '../pipelines/pipeline.ts';
import { LANE_BULK } from '../queue/lanes.ts';
import type { Turn, WaitingSite } from '../queue/turns.ts';
import { blameOf, retryDelayMs } from '../runs/blame.ts';
import { type Count, toCount } from '../runs/count.ts';

/** Streams at the same time; each one holds a few photos in memory. */
const STREAMS_MAX = 8;
/** Tries of one photo, each on another server where there are several. */
const TRIES_MAX = 2;
/** So long a photo waits for a server that holds its models. */
const NO_MODEL_MS = 60_000;

export interface OwnPhotosOptions {
  readonly mesh: Mesh;
  readonly sender: Sender;
  /** Asks a server to load what is needed. True: one is at it. */
  readonly load: (need: PlacementNeed) => boolean;
  readonly limits: PhotoLimits;
  readonly photoDeadlineMs: number;
  /** There is a photo to be sent. */
  readonly onWaiting: () => void;
  readonly clock?: Clock;
}

export interface OwnCount {
  readonly sha256: Buffer;
  readonly result: Result__Output;
  readonly count: Count;
}

/** One client's photos of one pipeline. */
export interface OwnStream {
  /** Counts a photo; nothing of it is kept. Throws an AppError that says why it has no count. */
  count(content: Buffer): Promise<OwnCount>;
  /** The client is gone: what waits ends as CANCELLED. */
  close(): void;
}

interface Waiting {
  readonly content: Buffer;
  readonly sha256: Buffer;
  readonly mediaType: string;
  readonly failedOn: readonly string[];
  readonly settle: (outcome: Promise<Outcome> | AppError) => void;
}

interface Held {
  readonly site: string;
  readonly definition: PipelineDefinition;
  readonly digest: string;
  readonly queue: Waiting[];
  /** No server holds its models since then (monotonic ms). */
  noModelSince: number | undefined;
}

/**
 * Photos that clients stream through us: they wait here, a few of each stream, and take their
 * turns in the bulk lane beside what is queued in the database.
 */
export class OwnPhotos implements HeldWork {
  readonly #streams = new Map<string, Held>();
  readonly #clock: Clock;

  constructor(private readonly options: OwnPhotosOptions) {
    this.#clock = options.clock ?? systemClock;
  }

  /** Throws TOO_MANY_REQUESTS. */
  open(definition: PipelineDefinition): OwnStream {
    if (this.#streams.size >= STREAMS_MAX) {
      throw new AppError('TOO_MANY_REQUESTS', `${STREAMS_MAX} streams of photos are open.`, {
        retryAfterSeconds: 30,
      });
    }
    const site = `stream:${newId()}`;
    const digest = pipelineDigest(definition).toString('hex');
    const held: Held = { site, definition, digest, queue: [], noModelSince: undefined };
    this.#streams.set(site, held);
    return {
      count: (content) => this.#count(held, content),
      close: () => {
        this.#streams.delete(site);
        fail(held, new AppError('CANCELLED', 'The client is gone.'));
      },
    };
  }

  waiting(): readonly WaitingSite[] {
    return [...this.#streams.values()].flatMap((held) => {
      const [first] = held.queue;
      if (!first) return [];
      const need = needOf(held, first);
      const { kind } = this.options.sender.place(need, held.site);
      if (kind === 'no_model' && !this.options.load(need)) this.#giveUpLater(held);
      else held.noModelSince = undefined;
      const ready = held.queue.length;
      return kind === 'server' ? [{ lane: LANE_BULK, site: held.site, ready }] : [];
    });
  }

  take({ site, runs }: Turn): boolean {
    const held = this.#streams.get(site);
    if (!held) return false;
    for (let sent = 0; sent < runs; sent++) if (!this.#sendNext(held)) break;
    return true;
  }

  #giveUpLater(held: Held): void {
    const now = this.#clock.monotonic();
    held.noModelSince ??= now;
    if (now - held.noModelSince < NO_MODEL_MS) return;
    const message = `No inference server holds the model ${titleOf(held.definition)} now.`;
    fail(held, new AppError('MODEL_UNAVAILABLE', message));
  }

  /** False: no server is free for the next one. */
  #sendNext(held: Held): boolean {
    const { mesh, sender, photoDeadlineMs } = this.options;
    const [next] = held.queue;
    if (!next) return false;
    const need = needOf(held, next);
    const placement = sender.place(need, held.site);
    if (placement.kind !== 'server') return false;
    const server = mesh.connected().find((one) => one.serverId === placement.serverId);
    if (!server) return false;
    held.queue.shift();
    const outcome = sender.send(server, {
      photo: {
        work_id: newId(),
        sha256: next.sha256,
        content: next.content,
        media_type: next.mediaType,
        pipeline: toPipelineMessage(held.definition),
        lane: LANE_BULK,
        traceparent: '',
        correlation_id: held.site,
      },
      need,
      pipelineDigest: held.digest,
      site: held.site,
      deadlineMs: photoDeadlineMs,
      hedge: false,
    });
    next.settle(outcome);
    return true;
  }

  async #count(held: Held, content: Buffer): Promise<OwnCount> {
    const { mediaType } = await checkPhoto(bytesSource(content), this.options.limits);
    const sha256 = createHash('sha256').update(content).digest();
    const failedOn: string[] = [];
    for (;;) {
      const photo = { content, sha256, mediaType, failedOn };
      const outcome = await this.#send(held, photo);
      if (outcome.kind === 'result') {
        return { sha256, result: outcome.result, count: toCount(outcome.result) };
      }
      if (outcome.kind === 'handed_back') continue;
      const failure = outcome.kind === 'failure' ? outcome : undefined;
      const code = failure?.code ?? 'INFERENCE_FAILED';
      const blame = blameOf(code);
      if (failure && blame === 'server') {
        await this.#clock.sleep(retryDelayMs(failure));
        continue;
      }
      failedOn.push(outcome.serverId);
      if (blame === 'photo' || failedOn.length >= TRIES_MAX) {
        throw new AppError(code, failure?.message ?? 'The server was lost.');
      }
    }
  }

  /** Waits for its turn and for what becomes of it. Throws the AppError that ended the wait. */
  async #send(held: Held, photo: Omit<Waiting, 'settle'>): Promise<Outcome> {
    if (!this.#streams.has(held.site)) throw new AppError('CANCELLED', 'The client is gone.');
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const settle = (outcome: Promise<Outcome> | AppError) =>
      outcome instanceof AppError ? reject(outcome) : resolve(outcome);
    held.queue.push({ ...photo, settle });
    this.options.onWaiting();
    return await promise;
  }
}

function needOf(held: Held, { failedOn }: Waiting): PlacementNeed {
  return { models: modelsOf(held.definition), failedOn };
}

function fail(held: Held, error: AppError): void {
  for (const waiting of held.queue.splice(0)) waiting.settle(error);
}
