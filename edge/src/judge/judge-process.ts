import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Subprocess } from 'bun';
import type { JudgeMessage, JudgeRequest, JudgeTask } from './messages.ts';

/**
 * One judge process, started when first needed.
 *
 * States: absent → starting → idle ⇄ measuring → absent. It goes to absent when it crashes, when
 * an answer takes too long, or after an answer that left it too large; the next photo starts anew.
 */

export class JudgeCrash extends Error {}
/** It did not even start: no fault of the photo. */
export class JudgeUnavailable extends Error {}
/** Looking at the photo takes more memory than the box may spend: no fault of the photo. */
export class JudgeTooLarge extends Error {}
/** The photo cannot be opened. */
export class JudgeUndecodable extends Error {}

export interface JudgeProcessOptions {
  /** Of one photo; a 100-megapixel photo takes a few seconds. */
  readonly timeoutMs: number;
  readonly startTimeoutMs: number;
  /** Above this it is started anew, because decoders keep what they once needed. */
  readonly residentBytesMax: number;
  /** Above this it is ended at once (Linux). */
  readonly peakBytesMax: number;
  /** The program, for tests. */
  readonly program?: string;
}

export const JUDGE_DEFAULTS: JudgeProcessOptions = {
  timeoutMs: 30_000,
  startTimeoutMs: 20_000,
  residentBytesMax: 300 * 1024 * 1024,
  // Edge and judge stay under 512 MB each; a progressive JPEG of 96 megapixels took 634 MiB.
  peakBytesMax: 448 * 1024 * 1024,
};

const MEMORY_LOOK_MS = 20;

type Answer<K> = Extract<JudgeMessage, { kind: K }> & { readonly residentBytes: number };
type Photo = Pick<JudgeTask, 'path' | 'mediaType'>;

interface Waiting {
  readonly resolve: (message: JudgeMessage) => void;
  readonly reject: (error: Error) => void;
}

/** What the process may see of the environment: no secrets of the edge. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH'];

export class JudgeProcess {
  #child: Subprocess | null = null;
  #waiting: Waiting | null = null;
  #nextId = 1;

  constructor(private readonly options: JudgeProcessOptions = JUDGE_DEFAULTS) {}

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Each of these: one photo at a time. Throws JudgeCrash, JudgeTooLarge, JudgeUnavailable. */
  async measure(photo: Photo): Promise<Answer<'measured'>> {
    return await this.#ask({ ...photo, task: 'measure' }, 'measured');
  }

  /** A small WebP. Throws JudgeUndecodable too. */
  async preview(photo: Photo, longSidePx: number): Promise<Uint8Array> {
    return (await this.#ask({ ...photo, task: 'preview', longSidePx }, 'preview')).webp;
  }

  /** Texts of QR and Data Matrix codes. Throws JudgeUndecodable too. */
  async tags(photo: Photo): Promise<readonly string[]> {
    return (await this.#ask({ ...photo, task: 'tags' }, 'tags')).texts;
  }

  async #ask<K extends JudgeMessage['kind']>(task: JudgeTask, kind: K): Promise<Answer<K>> {
    const child = this.#child ?? (await this.#start());
    const id = this.#nextId++;
    const watch = setInterval(() => this.#checkMemory(child), MEMORY_LOOK_MS);
    const asked = this.#within(this.options.timeoutMs, () => {
      child.send({ ...task, id } satisfies JudgeRequest);
    });
    const message = await asked.finally(() => clearInterval(watch));
    const fits = message.kind === kind || message.kind === 'undecodable';
    if (!fits || message.kind === 'ready' || message.id !== id) {
      this.stop();
      throw new JudgeCrash('the judge answered another question');
    }
    if (message.residentBytes > this.options.residentBytesMax) this.stop();
    if (message.kind === 'undecodable') throw new JudgeUndecodable(message.problem);
    return message as Answer<K>;
  }

  stop(): void {
    const child = this.#child;
    this.#child = null;
    child?.kill('SIGKILL');
    this.#waiting?.reject(new JudgeCrash('the judge was stopped'));
  }

  #checkMemory({ pid }: Subprocess): void {
    if (residentBytes(pid) <= this.options.peakBytesMax) return;
    this.#waiting?.reject(new JudgeTooLarge('the photo takes too much memory to look at'));
    this.stop();
  }

  async #start(): Promise<Subprocess> {
    const program = this.options.program ?? join(import.meta.dir, 'judge-main.ts');
    const env = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
    try {
      await this.#within(this.options.startTimeoutMs, () => {
        const child = Bun.spawn([process.execPath, program], {
          env,
          stdio: ['ignore', 'ignore', 'inherit'],
          ipc: (message: JudgeMessage) => {
            if (this.#child === child) this.#waiting?.resolve(message);
          },
          onExit: (_child, code, signal) => {
            if (this.#child !== child) return;
            this.#child = null;
            this.#waiting?.reject(new JudgeCrash(`the judge ended (${signal ?? code})`));
          },
        });
        this.#child = child;
        // Cameras that wait for their 201 go before photos that wait for a verdict.
        setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
      });
    } catch (error) {
      this.stop();
      throw new JudgeUnavailable('the judge does not start', { cause: error });
    }
    const child = this.#child as Subprocess | null;
    if (!child) throw new JudgeUnavailable('the judge ended at once');
    return child;
  }

  /** The next message after `act`; a crash or silence is an error, and ends the process. */
  async #within(timeoutMs: number, act: () => void): Promise<JudgeMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<JudgeMessage>();
    this.#waiting = { resolve, reject };
    const timer = setTimeout(() => {
      reject(new JudgeCrash('the judge did not answer in time'));
      this.stop();
    }, timeoutMs);
    try {
      act();
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting = null;
    }
  }
}

/** 0 where the system does not tell. */
function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
