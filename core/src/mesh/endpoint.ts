import { type Clock, systemClock } from '@demeter/common/clock';
import type { ErrorCode } from '@demeter/common/errors';
import { isErrorCode } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { backoffMs } from '@demeter/common/retry';
import type {
  HealthReport__Output,
  MeshClient,
  Result__Output,
  WorkRequest,
  WorkResponse__Output,
} from '@demeter/proto';
import { demeterV1 } from '@demeter/proto';
import { type ChannelCredentials, type ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import { Breaker } from './breaker.ts';
import { watchHealth } from './health-watch.ts';
import type { ModelRef, ServerView } from './placement.ts';
import { Rate } from './rate.ts';
import { type ModelState, modelsIn } from './reported-models.ts';

const PROTOCOL_VERSION = 1;
/** From dialling to the server's hello. */
const GREETING_MS = 10_000;
const REDIAL = { baseMs: 250, maxMs: 5_000 };
/**
 * A server that is stopped, not killed, answers no ping: noticed within the sum of both, so that its
 * photos are counted elsewhere within 10 s. A busy server answers, since its inference runs beside.
 */
const KEEPALIVE_EVERY_MS = 2_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;
/** The server answers DEADLINE_EXCEEDED by itself; this long later the core stops waiting. */
const DEADLINE_GRACE_MS = 5_000;
/** Results are boxes: a hundred thousand of them are 3 MB. */
const RESULT_BYTES_MAX = 64 * 1024 * 1024;
/** A server that is full and does not say for how long is left alone for this. */
const FULL_MS = 500;
const PAUSE_MAX_MS = 60_000;
/** What a server answers in good health: it is full, has no room, stops, or was told to let go. */
const NO_FAULT: readonly ErrorCode[] = [
  'TOO_MANY_REQUESTS',
  'MODEL_MEMORY_FULL',
  'DRAINING',
  'CANCELLED',
];

type Hello = NonNullable<WorkResponse__Output['hello']>;
type WorkStream = ClientDuplexStream<WorkRequest, WorkResponse__Output>;
export type PhotoMessage = NonNullable<WorkRequest['photo']> & { readonly work_id: string };

/** How one photo's stay at a server ended. */
export type Outcome =
  | { readonly kind: 'result'; readonly serverId: string; readonly result: Result__Output }
  | {
      readonly kind: 'failure';
      readonly serverId: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly retryable: boolean;
      /** When another try makes sense; 0: at once, or never. */
      readonly retryAfterMs: number;
    }
  /** Not started there; costs no attempt. */
  | { readonly kind: 'handed_back'; readonly serverId: string }
  /** The stream ended with the photo under way. `alone`: no other photo was. */
  | { readonly kind: 'lost'; readonly serverId: string; readonly alone: boolean };

export interface EndpointOptions {
  /** host:port */
  readonly address: string;
  readonly coreId: string;
  readonly token?: string;
  readonly credentials: ChannelCredentials;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Credits, models or readiness changed: there may be work for it now. */
  readonly onChange: () => void;
  /** Replaces DEADLINE_GRACE_MS in tests. */
  readonly deadlineGraceMs?: number;
}

interface UnderWay {
  /** Undefined: given up on, but the server has not answered yet. */
  resolve: ((outcome: Outcome) => void) | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * One inference server, over one long Work stream.
 *
 *   dialling ──hello──► open ──Drain──► draining
 *      ▲                  │ stream ends     │ stream ends
 *      └──── waiting ◄────┴─────────────────┘          any ──close()──► closed
 *
 * dialling: the stream is opened, our hello is sent, the server's is awaited (10 s).
 * open: photos go out as credits allow; every photo ends in exactly one Outcome.
 * draining: nothing more is sent; what is under way is awaited, then our side of the stream is
 * ended, which tells the server that nothing is on its way any more.
 * waiting: jittered back-off, then dialling again.
 * closed: for good; what was under way is lost.
 */
export class Endpoint {
  readonly address: string;
  readonly #options: EndpointOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #breaker: Breaker;
  readonly #rate = new Rate();
  readonly #underWay = new Map<string, UnderWay>();
  readonly #closed = new AbortController();
  #state: 'dialling' | 'connected' | 'draining' | 'waiting' | 'closed' = 'waiting';
  #stream: WorkStream | undefined;
  /** Photos that may still be sent: each one takes a credit, the server gives it back. */
  #credits = 0;
  #serverId: string | undefined;
  #epoch: string | undefined;
  #report: HealthReport__Output | undefined;
  #reservedFor: string | undefined;
  /** The server is full until then (monotonic ms). */
  #pausedUntil = 0;
  readonly #done: Promise<void>;

  constructor(options: EndpointOptions) {
    this.address = options.address;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log.child({ address: options.address });
    this.#breaker = new Breaker(this.#clock);
    this.#done = this.#live();
  }

  get state(): string {
    return this.#state;
  }

  /** The server's own name, once it has said hello. */
  get serverId(): string | undefined {
    return this.#serverId;
  }

  /** What the server said of itself last; undefined before its first report. */
  get report(): HealthReport__Output | undefined {
    return this.#report;
  }

  get breaker(): string {
    return this.#breaker.state;
  }

  get connected(): boolean {
    return this.#state === 'connected' || this.#state === 'draining';
  }

  view(): ServerView {
    const inFlight = this.#underWay.size;
    return {
      serverId: this.#serverId ?? this.address,
      ready:
        this.#state === 'connected' && (this.#report?.ready ?? false) && !this.#report?.draining,
      models: this.#models('STATE_READY'),
      loading: this.#models('STATE_LOADING'),
      unloaded: this.#models('STATE_UNLOADED'),
      credits: this.#credits,
      inFlight,
      reserved: this.#reservedFor !== undefined,
      admits: this.#breaker.admits(inFlight) && this.#clock.monotonic() >= this.#pausedUntil,
      tilesPerSecond: this.#rate.tilesPerSecond,
      freeBytes: Number(this.#report?.memory?.free_bytes ?? 0),
    };
  }

  #models(state: ModelState): ModelRef[] {
    return this.#state === 'connected' ? modelsIn(this.#report, state) : [];
  }

  /** Keeps the server for one run that must be alone there. */
  reserve(runId: string): void {
    this.#reservedFor = runId;
  }

  /** Ends that run's reservation; nothing where another one holds it. */
  release(runId: string): void {
    if (this.#reservedFor === runId) this.#reservedFor = undefined;
  }

  /**
   * Sends a photo and resolves with its outcome; never rejects. The caller has looked at `view()`
   * in the same tick: without a credit the photo is handed back.
   */
  send(photo: PhotoMessage, deadlineMs: number): Promise<Outcome> {
    const serverId = this.view().serverId;
    const stream = this.#stream;
    if (!stream || this.#state !== 'connected' || this.#credits < 1) {
      return Promise.resolve({ kind: 'handed_back', serverId });
    }
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const graceMs = this.#options.deadlineGraceMs ?? DEADLINE_GRACE_MS;
    const timer = setTimeout(() => this.#giveUp(photo.work_id), deadlineMs + graceMs);
    this.#underWay.set(photo.work_id, { resolve, timer });
    this.#credits--;
    this.#rate.inFlight(this.#underWay.size, this.#clock.monotonic());
    stream.write({ photo: { ...photo, deadline_ms: deadlineMs } });
    return promise;
  }

  /**
   * Withdraws a photo; it ends as handed back. Its credit comes with the server's own answer.
   * `overtaken`: another server was quicker with a copy. Five of those without a result between
   * are a server that hangs, though none of its photos ever reaches its deadline.
   */
  cancel(workId: string, overtaken = false): void {
    const work = this.#underWay.get(workId);
    if (!work?.resolve) return;
    if (overtaken) this.#breaker.failed();
    this.#stream?.write({ cancel: { work_id: workId } });
    work.resolve({ kind: 'handed_back', serverId: this.#serverId ?? this.address });
    work.resolve = undefined;
  }

  /** Ends the stream; photos under way end as lost. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('closed'));
    await this.#done;
  }

  async #live(): Promise<void> {
    for (let attempt = 0; !this.#closed.signal.aborted; attempt++) {
      this.#state = 'dialling';
      const client = this.#dial();
      try {
        const greeted = await this.#work(client);
        if (greeted) attempt = 0;
      } finally {
        client.close();
      }
      if (this.#closed.signal.aborted) break;
      this.#state = 'waiting';
      await this.#clock.sleep(backoffMs(attempt, REDIAL), this.#closed.signal).catch(() => {});
    }
    this.#state = 'closed';
  }

  #dial(): MeshClient {
    return new demeterV1.Mesh(this.address, this.#options.credentials, {
      'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.max_receive_message_length': RESULT_BYTES_MAX,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  #metadata(): Metadata {
    const metadata = new Metadata();
    if (this.#options.token) metadata.set('authorization', `Bearer ${this.#options.token}`);
    return metadata;
  }

  /** Runs one stream to its end. Answers whether the server said hello. Never rejects. */
  #work(client: MeshClient): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const stream = client.Work(this.#metadata());
    let greeted = false;
    let ended = false;
    let endHealth = () => {};
    const end = (reason: string) => {
      if (ended) return;
      ended = true;
      clearTimeout(greeting);
      endHealth();
      this.#closed.signal.removeEventListener('abort', onClose);
      this.#ended(reason, greeted);
      resolve(greeted);
    };
    const onClose = () => stream.cancel();
    const greeting = setTimeout(() => stream.cancel(), GREETING_MS);
    this.#closed.signal.addEventListener('abort', onClose, { once: true });
    // A call that was cut ends with `error`, a clean one with `end`, some with both.
    stream.on('error', (error) => end(error.message));
    stream.once('end', () => end('the server ended the stream'));
    stream.on('data', (response: WorkResponse__Output) => {
      if (response.hello && !greeted) {
        greeted = true;
        clearTimeout(greeting);
        this.#opened(stream, response.hello);
        endHealth = this.#watchHealth(client);
      } else if (greeted) this.#received(response);
    });
    stream.write({ hello: { core_id: this.#options.coreId, protocol_version: PROTOCOL_VERSION } });
    if (this.#closed.signal.aborted) stream.cancel();
    return promise;
  }

  #opened(stream: WorkStream, { server_id: serverId, epoch }: Hello): void {
    this.#state = 'connected';
    this.#stream = stream;
    this.#serverId = serverId;
    this.#credits = 0;
    // What a process did wrong says nothing of the one that has replaced it.
    if (epoch !== this.#epoch) this.#breaker.succeeded();
    this.#epoch = epoch;
    this.#log.info({ server_id: serverId }, 'inference server connected');
    this.#options.onChange();
  }

  #ended(reason: string, greeted: boolean): void {
    this.#stream = undefined;
    this.#credits = 0;
    this.#reservedFor = undefined;
    this.#report = undefined;
    const alone = this.#underWay.size === 1;
    const lost = [...this.#underWay.values()];
    this.#underWay.clear();
    this.#rate.inFlight(0, this.#clock.monotonic());
    const fields = { reason, lost: lost.length, server_id: this.#serverId };
    if (greeted) this.#log.warn(fields, 'inference server lost');
    else this.#log.debug(fields, 'inference server not reached');
    for (const work of lost) {
      clearTimeout(work.timer);
      work.resolve?.({ kind: 'lost', serverId: this.#serverId ?? this.address, alone });
    }
    if (greeted) this.#options.onChange();
  }

  #received(response: WorkResponse__Output): void {
    const serverId = this.#serverId ?? this.address;
    if (response.credit) {
      this.#credits += response.credit.photos;
    } else if (response.drain) {
      this.#state = 'draining';
    } else if (response.result) {
      const { result } = response;
      this.#breaker.succeeded();
      this.#rate.done(result.tiles);
      this.#resolve(result.work_id, { kind: 'result', serverId, result });
    } else if (response.failure) {
      const { work_id, message, retryable, retry_after_ms: retryAfterMs } = response.failure;
      const code = isErrorCode(response.failure.code) ? response.failure.code : 'INFERENCE_FAILED';
      if (code === 'TOO_MANY_REQUESTS') this.#pause(retryAfterMs || FULL_MS);
      if (retryable && retryAfterMs === 0 && !NO_FAULT.includes(code)) this.#breaker.failed();
      this.#resolve(work_id, { kind: 'failure', serverId, code, message, retryable, retryAfterMs });
    } else if (response.hand_back) {
      this.#resolve(response.hand_back.work_id, { kind: 'handed_back', serverId });
    }
    if (this.#state === 'draining' && this.#underWay.size === 0) this.#stream?.end();
    this.#options.onChange();
  }

  #resolve(workId: string, outcome: Outcome): void {
    const work = this.#underWay.get(workId);
    if (!work) return;
    this.#underWay.delete(workId);
    this.#rate.inFlight(this.#underWay.size, this.#clock.monotonic());
    clearTimeout(work.timer);
    work.resolve?.(outcome);
  }

  /** Full is no failure: it gets nothing for a while, and its breaker hears nothing of it. */
  #pause(ms: number): void {
    this.#pausedUntil = this.#clock.monotonic() + Math.min(ms, PAUSE_MAX_MS);
  }

  /** The server overran its own deadline: the photo goes elsewhere, its credit stays taken. */
  #giveUp(workId: string): void {
    const work = this.#underWay.get(workId);
    if (!work?.resolve) return;
    this.#breaker.failed();
    this.#stream?.write({ cancel: { work_id: workId } });
    work.resolve({
      kind: 'failure',
      serverId: this.#serverId ?? this.address,
      code: 'DEADLINE_EXCEEDED',
      message: 'The server gave no answer in time.',
      retryable: true,
      retryAfterMs: 0,
    });
    work.resolve = undefined;
  }

  /** The Work stream decides over life and death; without a report the server is not ready. */
  #watchHealth(client: MeshClient): () => void {
    return watchHealth({
      client,
      metadata: this.#metadata(),
      clock: this.#clock,
      onReport: (report, reason) => {
        if (!report) this.#log.debug({ reason }, 'health watch ended');
        this.#report = report;
        this.#options.onChange();
      },
    });
  }
}
