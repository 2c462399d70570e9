import { stat } from 'node:fs/promises';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type { Memory, MemorySource } from '../model/memory.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import type { Loaded, Provider } from '../model/session-protocol.ts';
import type { Sessions } from '../model/sessions.ts';
import { admit, estimateNeed, type Occupant, oldestFirst } from './admission.ts';
import { Ledger } from './ledger.ts';
import { Resident } from './resident.ts';

/** What is in memory, as whoever holds the models knows it. */
export interface Room {
  occupants(): readonly Occupant[];
  /** Nothing may begin to use them from the moment of the call; resolves when they are freed. */
  evict(keys: readonly string[]): Promise<void>;
}

export interface LoaderOptions {
  readonly providers: readonly Provider[];
  readonly threads: number;
  /** Loads at the same time. */
  readonly loadsMax: number;
  readonly memory: MemorySource;
  readonly createSessions: () => Sessions;
  readonly log: Logger;
}

/** Brings models into memory, a few at a time, each after room was made for it in one step. */
export class Loader {
  readonly #ledger = new Ledger();
  /** What models took when they were loaded before, by digest. */
  readonly #measured = new Map<string, number>();
  /** Loaded while others were being loaded: what each took is not known yet. */
  readonly #unmeasured = new Map<string, { resident: Resident; fileBytes: number }>();
  readonly #queue: (() => void)[] = [];
  /** When what is being loaded was begun, oldest first. */
  readonly #startedAtMs = new Map<Sessions, number>();
  #loading = 0;
  evictions = 0;
  /** Loads on the CPU where a GPU was to be had first. */
  fallbacks = 0;

  constructor(private readonly options: LoaderOptions) {}

  /** `performance.now()` of the begin of the load that has been under way longest; else undefined. */
  get loadingSinceMs(): number | undefined {
    return this.#startedAtMs.values().next().value;
  }

  /** Throws MODEL_INVALID, MODEL_MEMORY_FULL, MODEL_UNAVAILABLE. `key` tells what is in memory apart. */
  async load(key: string, spec: ModelSpec, room: Room): Promise<Resident> {
    if (this.#loading < this.options.loadsMax) this.#loading++;
    // Whoever ends hands its place over.
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await this.#load(key, spec, room);
    } catch (error) {
      this.#ledger.abandon(key);
      throw error;
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#loading--;
    }
  }

  async #load(key: string, spec: ModelSpec, room: Room): Promise<Resident> {
    const { providers, memory, log } = this.options;
    const { kind } = memory.last();
    const sizes = await Promise.all([spec.path, ...spec.weightFiles].map(fileSize));
    const fileBytes = sizes.reduce((sum, bytes) => sum + bytes);
    const needBytes = estimateNeed(kind, {
      fileBytes,
      measuredBytes: this.#measured.get(digestOf(spec)),
    });
    const cpuAllowed = kind === 'vram' && providers.includes('cpu');
    let full: AppError | undefined;
    while ((await this.#makeRoom(key, { needBytes, cpuAllowed, room })) === 'here') {
      try {
        const { sessions, loaded } = await this.#start(spec, providers);
        const counted = kind === 'resident' || loaded.provider !== 'cpu';
        if (loaded.provider !== providers[0]) this.fallbacks++;
        const resident = new Resident({ spec, loaded, sessions, counted, bytes: needBytes });
        await this.#measure(key, resident, fileBytes);
        return resident;
      } catch (error) {
        if (!isMemoryFull(error)) throw error;
        full = error;
      }
      // The expectation was too low: the next to go makes room, as long as there is one.
      const [oldest] = oldestFirst(room.occupants());
      log.warn({ model: key, err: full, evicted: oldest?.key }, 'no memory while loading');
      this.#ledger.abandon(key);
      if (oldest === undefined) break;
      this.evictions++;
      await room.evict([oldest.key]);
    }
    if (!cpuAllowed) throw full ?? refusal(memory.last(), needBytes);
    const before = process.memoryUsage.rss();
    const { sessions, loaded } = await this.#start(spec, ['cpu']);
    const bytes = Math.max(0, process.memoryUsage.rss() - before);
    this.fallbacks++;
    const reason = full?.message ?? refusal(memory.last(), needBytes).message;
    log.warn({ model: key, reason }, 'loaded on the CPU');
    return new Resident({
      spec,
      loaded: { ...loaded, reason },
      sessions,
      counted: false,
      bytes,
    });
  }

  /** Reserves what is needed; `cpu` where that cannot be had here. Throws MODEL_MEMORY_FULL. */
  async #makeRoom(
    key: string,
    wanted: { readonly needBytes: number; readonly cpuAllowed: boolean; readonly room: Room },
  ): Promise<'here' | 'cpu'> {
    const { needBytes, cpuAllowed, room } = wanted;
    for (;;) {
      const memory = await this.options.memory.read();
      // From here to the reservation nothing waits: two loads are never promised the same bytes.
      this.#ledger.abandon(key);
      const freeBytes = memory.totalBytes - memory.usedBytes - this.#ledger.reservedBytes;
      const occupants = room.occupants();
      const decision = admit({ needBytes, freeBytes, occupants, cpuAllowed });
      if (decision.action === 'fall-back') return 'cpu';
      if (decision.action === 'refuse') throw refusal(memory, needBytes);
      this.#ledger.reserve(key, needBytes);
      if (decision.evict.length === 0) {
        this.#ledger.begin(key, memory.usedBytes);
        return 'here';
      }
      this.options.log.info({ model: key, evicted: decision.evict }, 'room is made');
      this.evictions += decision.evict.length;
      await room.evict(decision.evict);
    }
  }

  async #start(
    spec: ModelSpec,
    providers: readonly Provider[],
  ): Promise<{ sessions: Sessions; loaded: Loaded }> {
    const sessions = this.options.createSessions();
    this.#startedAtMs.set(sessions, performance.now());
    try {
      const loaded = await sessions.load(spec, { providers, threads: this.options.threads });
      return { sessions, loaded };
    } catch (error) {
      await sessions.close();
      throw error;
    } finally {
      this.#startedAtMs.delete(sessions);
    }
  }

  async #measure(key: string, resident: Resident, fileBytes: number): Promise<void> {
    this.#unmeasured.set(key, { resident, fileBytes });
    const { usedBytes } = await this.options.memory.read();
    const taken = this.#ledger.finish(key, usedBytes);
    for (const [each, bytes] of taken) {
      const loaded = this.#unmeasured.get(each);
      if (!loaded?.resident.counted) continue;
      // Memory that was free within the process shows no growth; its next load may find none.
      loaded.resident.bytes = Math.max(bytes, loaded.fileBytes);
      // A share of what several took is no measure to admit by.
      if (taken.size === 1)
        this.#measured.set(digestOf(loaded.resident.spec), loaded.resident.bytes);
    }
    if (this.#ledger.reservedBytes === 0) this.#unmeasured.clear();
  }

  /** Something in memory has ended. */
  freed(): void {
    this.#ledger.freed();
  }
}

function isMemoryFull(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'MODEL_MEMORY_FULL';
}

function refusal({ kind, totalBytes, usedBytes }: Memory, needBytes: number): AppError {
  const mib = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  const what = kind === 'vram' ? 'GPU memory' : 'memory budget';
  return new AppError(
    'MODEL_MEMORY_FULL',
    `It needs about ${mib(needBytes)}; of the ${what} of ${mib(totalBytes)}, ${mib(usedBytes)} are used, and no model there may be unloaded to make room.`,
  );
}

function digestOf(spec: ModelSpec): string {
  return spec.digest.toString('hex');
}

async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new AppError('MODEL_INVALID', 'The model file is not there any more.', { cause });
  }
}
