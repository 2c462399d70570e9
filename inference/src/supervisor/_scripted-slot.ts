/** For tests of the supervisor: a slot whose servers do as files tell, and a clock that obeys. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { temporaryFolder } from '../_testing.ts';
import { Supervised, type SupervisedOptions } from './supervised.ts';

/** A wait as long as this is a deadline; probes and first pauses are shorter. */
const DEADLINE_MS = 5_000;
/** By so much shorter waits are shortened. */
const HASTE = 20;

/** Deadlines pass when the test says so and never before; what is shorter comes soon. */
class ObedientClock implements Clock {
  readonly now = systemClock.now;
  #leapt = 0;
  readonly #deadlines = new Map<number, () => void>();

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < DEADLINE_MS) return await systemClock.sleep(ms / HASTE, signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    this.#deadlines.set(ms, resolve);
    await promise;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#leapt;
  }

  /** So much time has passed at once. */
  leap(ms: number): void {
    this.#leapt += ms;
  }

  /** Ends the wait of `ms` that began last. */
  pass(ms: number): void {
    this.#deadlines.get(ms)!();
  }
}

interface ScriptedOptions extends Partial<Pick<SupervisedOptions, 'turn' | 'startMs'>> {
  readonly exclusive?: boolean;
  /** Files that are there when the first server starts. */
  readonly told?: readonly string[];
}

/** What its servers do: _scripted-main.ts. */
export class ScriptedSlot implements AsyncDisposable {
  readonly clock = new ObedientClock();
  /** What the supervisor has said. */
  readonly said: string[] = [];
  readonly supervised: Supervised;
  readonly #folder = temporaryFolder();

  constructor({ exclusive = false, told = [], ...options }: ScriptedOptions = {}) {
    for (const name of told) this.tell(name);
    const note = (_fields: unknown, message: string) => void this.said.push(message);
    this.supervised = new Supervised({
      slot: { name: 'test', exclusive, env: {} },
      command: [process.execPath, join(import.meta.dir, '_scripted-main.ts'), this.#folder],
      log: { info: note, error: note } as unknown as Logger,
      startMs: 600_000,
      limits: { photosMax: 10, residentBytesMax: 0 },
      clock: this.clock,
      ...options,
    });
  }

  /** With a server that has settled. */
  static async start(options?: ScriptedOptions): Promise<ScriptedSlot> {
    const slot = new ScriptedSlot(options);
    await slot.supervised.settled;
    return slot;
  }

  tell(name: string, text = ''): void {
    writeFileSync(join(this.#folder, name), text);
  }

  takeBack(name: string): void {
    rmSync(join(this.#folder, name));
  }

  /** What its servers have done, `<event> <life>` each. */
  get events(): readonly string[] {
    return this.#read('events').split('\n').filter(Boolean);
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = Date.now() + 50_000;
    while (!condition()) {
      const seen = [...this.events, ...this.said].join(', ');
      if (Date.now() > deadline) throw new Error(`not within 50 s: ${what}; ${seen}`);
      await Bun.sleep(10);
    }
  }

  /** Waits for probes that began after this was called. */
  async probed(): Promise<void> {
    const probes = () => this.#read('probes').length;
    const before = probes();
    await this.until('it is probed again', () => probes() > before + 2);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervised.stop();
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.#folder, name), 'utf8');
    } catch {
      return '';
    }
  }
}
