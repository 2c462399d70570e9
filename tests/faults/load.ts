import { randomUUID } from 'node:crypto';
import { drawPhoto } from '../system/photos.ts';
import { stamp } from '../system/pictures.ts';
import { must } from './fault-case.ts';
import type { MeshSystem } from './mesh-system.ts';

/** Photos that are kept waiting or under way. */
const UNCOUNTED_MAX = 8;
/** Uploads at once: one alone does not keep two servers busy where the core itself is slow. */
const SENDERS = 3;
const PICTURES = 6;
const COUNTED_MS = 240_000;

interface Row {
  readonly hash: string;
  readonly runs: number;
  readonly completed: number;
  readonly detected: number;
  readonly boxes: number;
}

/**
 * A stream of photos into the core, each one of its own bytes, none of which needs a place; and the
 * ledger of what has become of them.
 */
export class Load implements AsyncDisposable {
  /** Hash → which picture it shows. */
  readonly sent = new Map<string, number>();
  /** Photos that must not be counted. */
  readonly poison = new Set<string>();
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;
  #error: unknown;
  /** What else counts a photo besides is no result of this stream. */
  #pipeline = '';

  private constructor(
    private readonly system: MeshSystem,
    private readonly pictures: readonly Uint8Array[],
    /** By the database's clock. */
    private readonly startedAt: Date,
  ) {
    const flows = Array.from({ length: SENDERS }, () => this.#flow());
    this.#done = Promise.all(flows).then(
      () => {},
      (error: unknown) => {
        this.#error = error;
      },
    );
  }

  static async start(system: MeshSystem, seed: number): Promise<Load> {
    const numbers = Array.from({ length: PICTURES }, (_, index) => seed * PICTURES + index);
    const pictures = await Promise.all(numbers.map(drawPhoto));
    const [{ now }] = await system.sql`select now()`;
    const load = new Load(system, pictures, now);
    await system.until('photos are counted', async () => (await load.counted()) > 0);
    load.#pipeline = await load.pipeline();
    return load;
  }

  /** Digest of the pipeline that counts them. */
  async pipeline(): Promise<string> {
    const [row] = await this.system.sql`
      select encode(pipeline_digest, 'hex') as digest from runs
       where state = 'completed' and created_at >= ${this.startedAt} limit 1`;
    return row.digest;
  }

  /** Photos of this stream that have a result. */
  async counted(): Promise<number> {
    if (this.#error) throw this.#error;
    const rows: readonly { hash: string }[] = await this.system.sql`
      select encode(sha256, 'hex') as hash from runs
       where state = 'completed' and created_at >= ${this.startedAt}
         and encode(pipeline_digest, 'hex') like ${`${this.#pipeline}%`}`;
    return rows.filter(({ hash }) => this.sent.has(hash)).length;
  }

  /** Waits for `more` further results. */
  async untilCounted(more: number): Promise<void> {
    const before = await this.counted();
    const what = `${more} more photos are counted`;
    await this.system.until(what, async () => (await this.counted()) >= before + more);
  }

  /** A photo of its own; the caller sends it. */
  next(): { readonly bytes: Uint8Array; readonly picture: number } {
    const picture = this.sent.size % this.pictures.length;
    return { bytes: stamp(this.pictures[picture]!, randomUUID()), picture };
  }

  /** Sends nothing more, waits until all is counted, and holds the ledger against the database. */
  async close(): Promise<{ readonly photos: number }> {
    await this.#stop();
    if (this.#error) throw this.#error;
    const expected = this.sent.size - this.poison.size;
    const all = async () => (await this.counted()) >= expected;
    await this.system.until(`${expected} photos are counted`, all, COUNTED_MS);
    const rows = await this.#rows();
    const detected = new Map<number, number>();
    for (const row of rows) {
      const what = `${row.hash}: ${JSON.stringify(row)}`;
      must(row.runs === 1, `a photo has one run: ${what}`);
      if (this.poison.has(row.hash)) {
        must(row.completed === 0, `a poison photo has no result: ${what}`);
        continue;
      }
      must(row.completed === 1, `a photo has one result: ${what}`);
      must(row.boxes === row.detected, `a result is written once: ${what}`);
      const picture = this.sent.get(row.hash)!;
      const like = detected.get(picture) ?? row.detected;
      must(like === row.detected, `the same picture counts ${like} elsewhere: ${what}`);
      detected.set(picture, row.detected);
    }
    must(
      rows.length === this.sent.size,
      `${this.sent.size} photos were sent, ${rows.length} are there`,
    );
    return { photos: rows.length };
  }

  /** Also where a case fails in the middle: nothing of it runs into the next one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }

  async #stop(): Promise<void> {
    this.#stopped.abort();
    await this.#done;
  }

  async #flow(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const [queue] = await this.system.sql`select count(*)::int as waiting from run_queue`;
      if (queue.waiting >= UNCOUNTED_MAX) {
        await Bun.sleep(50);
        continue;
      }
      const { bytes, picture } = this.next();
      this.sent.set(await this.system.upload(bytes), picture);
    }
  }

  async #rows(): Promise<readonly Row[]> {
    const rows: readonly Row[] = await this.system.sql`
      select encode(r.sha256, 'hex') as hash, count(distinct r.id)::int as runs,
             count(distinct r.id) filter (where r.state = 'completed')::int as completed,
             coalesce(max(r.detected), 0)::int as detected, count(d.run_id)::int as boxes
        from runs r left join detections d on d.run_id = r.id
       where encode(r.pipeline_digest, 'hex') = ${this.#pipeline}
       group by r.sha256`;
    return rows.filter((row) => this.sent.has(row.hash));
  }
}
