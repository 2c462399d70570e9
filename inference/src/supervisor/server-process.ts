import type { Clock } from '@demeter/common/clock';
import { parseServerLine, RELIEVE, RESTARTS, STOP_WITH_PARENT, TAKE_OVER } from '../parent.ts';
import type { Usage } from './recycle.ts';

const PROBE_TIMEOUT_MS = 2_000;
/** The servers drain within 30 s. */
const STOP_MS = 28_000;

/** What a server prints on stdout when its start is over. */
export interface StartLine {
  readonly ready: boolean;
  readonly reason?: string;
  readonly grpc?: string;
  readonly metrics?: string;
}

/** What a probe found: `usage` while the server works, else why it has to be killed. */
export type Probe =
  | { readonly state: 'alive'; readonly usage: Usage }
  | { readonly state: 'broken'; readonly reason: string }
  | { readonly state: 'silent' };

export interface ServerProcessOptions {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Lives of its slot before this one. */
  readonly restarts: number;
  /** It loads its models, and waits for `takeOver` before it takes the address in `env`. */
  readonly relieves: boolean;
  readonly clock: Clock;
}

/** One life of a server: what it says, how it is asked, and how it is ended. */
export class ServerProcess {
  readonly startedAt = performance.now();
  readonly #clock: Clock;
  readonly #child: Bun.Subprocess<'pipe', 'pipe', 'inherit'>;
  readonly #warm = Promise.withResolvers<string>();
  readonly #started = Promise.withResolvers<StartLine>();

  /** Throws where the program cannot be started. */
  constructor({ command, env, restarts, relieves, clock }: ServerProcessOptions) {
    this.#clock = clock;
    const args = [STOP_WITH_PARENT, `${RESTARTS}=${restarts}`, ...(relieves ? [RELIEVE] : [])];
    this.#child = Bun.spawn([...command, ...args], {
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', ...env },
      // Its end is how the server notices that the supervisor is gone.
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
    });
    void this.#listen();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get exited(): Promise<number> {
    return this.#child.exited;
  }

  /** Of one that relieves another: empty when its models are ready, else why they are not. */
  get warm(): Promise<string> {
    return this.#warm.promise;
  }

  /** What it says when it listens, or why it never did. */
  get started(): Promise<StartLine> {
    return this.#started.promise;
  }

  /** The address is free now. */
  takeOver(): void {
    this.#child.stdin.write(`${TAKE_OVER}\n`);
    // One that has ended meanwhile is started again like any other.
    Promise.resolve(this.#child.stdin.flush()).catch(() => {});
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Finishes what runs, hands back what waits, and ends; killed where it does not. */
  async drain(): Promise<void> {
    this.#child.kill('SIGTERM');
    const ended = new AbortController();
    const late = () => this.kill();
    this.#clock.sleep(STOP_MS, ended.signal).then(late, () => {});
    await this.exited;
    ended.abort();
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    // All is read to the end, so that the pipe never fills.
    for await (const chunk of this.#child.stdout) {
      text += decoder.decode(chunk, { stream: true });
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines.map(parseServerLine)) {
        if (line && 'warm' in line) this.#warm.resolve(line.warm ? '' : line.reason);
        else if (line) this.#started.resolve(line);
      }
    }
    this.#warm.resolve('It ended before its models were ready.');
    this.#started.resolve({ ready: false, reason: 'It ended before it was ready.' });
  }
}

/** Asks a server's liveness at `metrics` (host:port). */
export async function probe(metrics: string): Promise<Probe> {
  try {
    const response = await fetch(`http://${metrics}/health/live`, {
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const body = (await response.json()) as {
      reason?: string;
      photos?: number;
      resident_bytes?: number;
    };
    if (!response.ok) return { state: 'broken', reason: body.reason ?? '' };
    const { photos = 0, resident_bytes: residentBytes = 0 } = body;
    return { state: 'alive', usage: { photos, residentBytes } };
  } catch {
    return { state: 'silent' };
  }
}
