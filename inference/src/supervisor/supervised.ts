import { type Clock, systemClock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { type RecycleLimits, type Usage, whyRecycle } from './recycle.ts';
import { RestartPause } from './restart-pause.ts';
import { probe, ServerProcess, type StartLine } from './server-process.ts';
import type { Slot } from './slots.ts';
import { Turn } from './turn.ts';

const PROBE_EVERY_MS = 1_000;
/** A process that answers no probe for so long has stopped working. */
const SILENT_MS = 10_000;
const NEVER: RecycleLimits = { photosMax: 0, residentBytesMax: 0 };
/** After a successor that did not get ready, the old server works on for at least so long. */
const RECYCLE_AGAIN_MS = 60_000;

export interface ServerStatus {
  readonly address: string | null;
  readonly metrics: string | null;
  readonly pid: number | null;
  readonly ready: boolean;
  readonly reason: string;
  readonly restarts: number;
}

export interface SupervisedOptions {
  readonly slot: Slot;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly log: Logger;
  /** Load and warm-up of all models; a server that says nothing for so long is started again. */
  readonly startMs: number;
  readonly limits?: RecycleLimits;
  /** Shared by all slots. */
  readonly turn?: Turn;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/**
 * One slot's server, kept alive.
 *
 *   starting → settled (ready or not, as it said) → ended → pausing → starting …
 *                 │  limits reached
 *                 ├─ CPU: a successor loads its models beside it → it drains → the successor
 *                 │       takes its address → settled
 *                 └─ GPU, or no memory for two: it drains → starting
 *
 * The turn to recycle is kept until the next server is settled, so that one slot at a time is down.
 *
 * While it is settled it is probed: one that says it is broken, or says nothing, is killed, since
 * an inference that does not return cannot be ended otherwise. A successor that does not get ready
 * is dropped and the old server works on. stop() ends it in any state.
 */
export class Supervised {
  readonly #clock: Clock;
  readonly #turn: Turn;
  readonly #settled = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  /** All that live: the server, and its successor while there is one. */
  readonly #living = new Set<ServerProcess>();
  /** Ports that port 0 was given once are kept, so that the core finds the server again. */
  #ports: Readonly<Record<string, string>> = {};
  #server: ServerProcess | undefined;
  #lives = 0;
  #line: StartLine = { ready: false, reason: 'It has not started yet.' };

  constructor(private readonly options: SupervisedOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#turn = options.turn ?? new Turn();
    this.#done = this.#keepAlive();
  }

  /** Resolves when it has said for the first time whether it is ready. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  get status(): ServerStatus {
    return {
      address: this.#line.grpc ?? null,
      metrics: this.#line.metrics ?? null,
      pid: this.#server?.pid ?? null,
      ready: this.#line.ready,
      reason: this.#line.reason ?? '',
      restarts: Math.max(0, this.#lives - 1),
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#living].map((server) => server.drain()));
    await this.#done;
  }

  async #keepAlive(): Promise<void> {
    const { slot, log } = this.options;
    const { signal } = this.#stopping;
    const pause = new RestartPause(this.options.random);
    let successor: ServerProcess | 'fresh' | undefined;
    while (!signal.aborted) {
      const startedAt = this.#clock.monotonic();
      try {
        successor = await this.#live(
          successor instanceof ServerProcess ? successor : this.#spawn(),
        );
      } catch (error) {
        log.error({ err: error, slot: slot.name }, 'server could not be started');
        successor = undefined;
        this.#turn.end(this);
      }
      this.#settled.resolve();
      if (signal.aborted) break;
      if (successor !== undefined) {
        pause.reset();
        continue;
      }
      const pauseMs = pause.next(this.#clock.monotonic() - startedAt);
      const { reason } = this.#line;
      log.error({ slot: slot.name, reason, pause_ms: pauseMs }, 'server ended');
      await this.#clock.sleep(pauseMs, signal).catch(() => {});
    }
  }

  #spawn(relieves = false): ServerProcess {
    const { slot, command } = this.options;
    const env = { ...slot.env, ...this.#ports };
    const clock = this.#clock;
    const server = new ServerProcess({ command, env, restarts: this.#lives, relieves, clock });
    this.#living.add(server);
    void server.exited.then(() => this.#living.delete(server));
    return server;
  }

  /**
   * One life: answers the server that has relieved it, `fresh` where a new one is to be started at
   * once, and undefined where it ended by itself or was killed.
   */
  async #live(server: ServerProcess): Promise<ServerProcess | 'fresh' | undefined> {
    const { slot, log } = this.options;
    this.#server = server;
    log.info({ slot: slot.name, pid: server.pid, restarts: this.#lives++ }, 'server started');
    this.#line = await this.#inTime(server, server.started);
    this.#turn.end(this);
    this.#ports = { ...this.#ports, ...portsOf(this.#line) };
    this.#settled.resolve();
    const over = new AbortController();
    const ended = server.exited.then(() => over.abort());
    const next = await this.#watch(server, over.signal);
    if (next === undefined) await ended;
    this.#server = undefined;
    const reason = this.#line.ready ? `It ended with ${await server.exited}.` : this.#line.reason;
    this.#line = { ...this.#line, ready: false, reason: reason ?? '' };
    return next;
  }

  /** Probes the server until it ends; kills it when it is broken, replaces it when it is due. */
  async #watch(
    server: ServerProcess,
    ended: AbortSignal,
  ): Promise<ServerProcess | 'fresh' | undefined> {
    const { log, limits = NEVER } = this.options;
    const { metrics } = this.#line;
    if (metrics === undefined) return undefined;
    let answeredAt = this.#clock.monotonic();
    let recycleFrom = 0;
    while (!ended.aborted) {
      const found = await probe(metrics);
      if (ended.aborted) break;
      const now = this.#clock.monotonic();
      if (found.state !== 'silent') answeredAt = now;
      if (found.state === 'broken' || now - answeredAt > SILENT_MS) {
        log.error({ pid: server.pid, ...found, silent_ms: now - answeredAt }, 'server killed');
        server.kill();
        break;
      }
      const ageMs = performance.now() - server.startedAt;
      const why = found.state === 'alive' ? whyRecycle(found.usage, limits, ageMs) : '';
      // One that drains because all stop still answers; a successor now would outlive the stop.
      const mayRecycle = now >= recycleFrom && !this.#stopping.signal.aborted;
      if (found.state === 'alive' && why && mayRecycle && this.#turn.take(this)) {
        const next = await this.#recycle(server, why, found.usage);
        if (next) return next;
        this.#turn.end(this);
        recycleFrom = this.#clock.monotonic() + RECYCLE_AGAIN_MS;
      }
      await this.#clock.sleep(PROBE_EVERY_MS, ended).catch(() => {});
    }
    return undefined;
  }

  /** Undefined: the old one works on. */
  async #recycle(
    old: ServerProcess,
    why: string,
    usage: Usage,
  ): Promise<ServerProcess | 'fresh' | undefined> {
    const { slot, log } = this.options;
    const beside = !slot.exclusive && process.availableMemory() > usage.residentBytes;
    log.info({ slot: slot.name, pid: old.pid, reason: why, beside }, 'server is recycled');
    const successor = beside ? await this.#warmUp(old) : 'fresh';
    if (successor === undefined) return undefined;
    await old.drain();
    if (successor !== 'fresh') successor.takeOver();
    return successor;
  }

  /** A successor whose models are ready; undefined where it did not get there. */
  async #warmUp(old: ServerProcess): Promise<ServerProcess | undefined> {
    let reason: string;
    try {
      const successor = this.#spawn(true);
      reason = await this.#inTime(successor, successor.warm);
      if (reason === '') return successor;
      successor.kill();
    } catch (error) {
      reason = String(error);
    }
    const fields = { slot: this.options.slot.name, pid: old.pid, reason };
    this.options.log.error(fields, 'the successor did not get ready; the old server works on');
    return undefined;
  }

  /** What a server says of its start; one that takes too long is killed, and says so by ending. */
  async #inTime<T>(server: ServerProcess, said: Promise<T>): Promise<T> {
    const over = new AbortController();
    const late = () => server.kill();
    this.#clock.sleep(this.options.startMs, over.signal).then(late, () => {});
    return await said.finally(() => over.abort());
  }
}

function portsOf({ grpc, metrics }: StartLine): Record<string, string> {
  if (grpc === undefined || metrics === undefined) return {};
  return {
    DEMETER_INFERENCE_PORT: grpc.slice(grpc.lastIndexOf(':') + 1),
    DEMETER_INFERENCE_METRICS_PORT: metrics.slice(metrics.lastIndexOf(':') + 1),
  };
}
